//go:build webkit2_41

package taskbar

// #cgo pkg-config: gtk+-3.0
// #include <gtk/gtk.h>
//
// static gboolean mark(gpointer nothing) {
//   GList *all = gtk_window_list_toplevels();
//   for (GList *l = all; l != NULL; l = l->next) {
//     GtkWindow *w = GTK_WINDOW(l->data);
//     // The mark of the last call may stand though somebody has looked since; set again, it would say nothing new.
//     gtk_window_set_urgency_hint(w, FALSE);
//     gtk_window_set_urgency_hint(w, !gtk_window_is_active(w));
//   }
//   g_list_free(all);
//   return G_SOURCE_REMOVE;
// }
//
// static void mark_soon(void) { g_idle_add(mark, NULL); }
import "C"

// markWindow asks the window manager to mark the program's window. GTK is spoken to by its own loop alone.
func markWindow() { C.mark_soon() }
