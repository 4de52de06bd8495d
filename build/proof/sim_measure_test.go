package proof
import ("testing";"context";"log/slog";"io";"os";"path/filepath";"parley/app/cache";"parley/backend/store";"parley/backend/chat";"encoding/json")
func BenchmarkCacheOpen(b *testing.B){ dir:="/dev/shm/simm"; os.RemoveAll(dir); os.MkdirAll(dir,0o700); log:=slog.New(slog.NewTextHandler(io.Discard,nil))
 for i:=0;i<b.N;i++{ c,err:=cache.Open(context.Background(),dir,log); if err!=nil{b.Fatal(err)}; c.Close()}}
func BenchmarkCacheApply(b *testing.B){ dir:="/dev/shm/simm3"; os.RemoveAll(dir); os.MkdirAll(dir,0o700); log:=slog.New(slog.NewTextHandler(io.Discard,nil))
 c,err:=cache.Open(context.Background(),dir,log); if err!=nil{b.Fatal(err)}
 u:=chat.UserID(chat.NewUUID()); v:=chat.UserID(chat.NewUUID())
 c.Use(context.Background(),cache.Account{Server:"x",UserID:u})
 b.ResetTimer()
 for i:=0;i<b.N;i++{ raw,_:=json.Marshal(chat.Event{Type:chat.MessagePosted,Message:&chat.Message{ID:chat.NewMessageID(),ConversationID:chat.DirectID(u,v),N:int64(i+1),AuthorID:v,At:1,Text:"hello"}})
 if _,err:=c.ApplyEvents(context.Background(),"x",[]json.RawMessage{raw});err!=nil{b.Fatal(err)}}}
func BenchmarkStoreOpen(b *testing.B){ dir:="/dev/shm/simm2"; os.RemoveAll(dir); os.MkdirAll(dir,0o700)
 for i:=0;i<b.N;i++{ s,err:=store.Open(context.Background(),filepath.Join(dir,"x.db"),store.Options{Readers:1}); if err!=nil{b.Fatal(err)}; s.Close()}}
