package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/tus/tusd/v2/pkg/filestore"
	"github.com/tus/tusd/v2/pkg/handler"

	"parley/backend/folder"
)

// ErrFull says that the disk has no room for bytes. Those that are there stay, and go on when there is some.
var ErrFull = errors.New("blob: the disk is full")

// full returns err as ErrFull if it says that the disk is full.
func full(err error) error {
	if folder.IsFull(err) {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}

// wordFull is what the protocol's handler answers for ErrFull; else it would say of all faults the same.
const wordFull = "ERR_DISK_FULL"

func toldFull(err error) error {
	if folder.IsFull(err) {
		return handler.NewError(wordFull, "", http.StatusInsufficientStorage)
	}
	return err
}

// bytesStore is where the protocol's handler keeps bytes: files, with a word for a full disk.
type bytesStore struct{ filestore.FileStore }

// NewUpload implements handler.DataStore.
func (s bytesStore) NewUpload(ctx context.Context, info handler.FileInfo) (handler.Upload, error) {
	u, err := s.FileStore.NewUpload(ctx, info)
	return bytesUpload{u}, toldFull(err)
}

// GetUpload implements handler.DataStore.
func (s bytesStore) GetUpload(ctx context.Context, id string) (handler.Upload, error) {
	u, err := s.FileStore.GetUpload(ctx, id)
	return bytesUpload{u}, err
}

// AsTerminatableUpload implements handler.TerminaterDataStore.
func (s bytesStore) AsTerminatableUpload(u handler.Upload) handler.TerminatableUpload {
	return s.FileStore.AsTerminatableUpload(u.(bytesUpload).Upload)
}

type bytesUpload struct{ handler.Upload }

// WriteChunk implements handler.Upload.
func (u bytesUpload) WriteChunk(ctx context.Context, offset int64, src io.Reader) (int64, error) {
	n, err := u.Upload.WriteChunk(ctx, offset, src)
	return n, toldFull(err)
}
