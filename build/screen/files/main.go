//go:build desktoptest

// Command files stands in for the system's file manager: a window out of which the files named on its command line are dragged. With
// -copy they are copied, as for pasting them elsewhere, with -addresses nothing of them but that list of addresses that a web page can
// copy, too; with -picture the first of them is, as a picture. It is for the tests of the
// desktop's window, which builds with the same toolkit.
package main

/*
#cgo pkg-config: gtk+-3.0
#include <gtk/gtk.h>
#include <stdlib.h>
#include <string.h>

static char **uris;

static void give(GtkWidget *w, GdkDragContext *to, GtkSelectionData *into, guint info, guint at, gpointer data) {
	gtk_selection_data_set_uris(into, uris);
}

static void copied(GtkClipboard *board, GtkSelectionData *into, guint info, gpointer data) {
	if (info == 0) {
		gtk_selection_data_set_uris(into, uris);
		return;
	}
	char *list = g_strjoinv("\n", uris);
	char *said = g_strconcat("copy\n", list, NULL);
	gtk_selection_data_set(into, gtk_selection_data_get_target(into), 8, (guchar *)said, strlen(said));
	g_free(list);
	g_free(said);
}

static void show(char **dragged, int copy, char *picture) {
	uris = dragged;
	gtk_init(NULL, NULL);
	GtkClipboard *board = gtk_clipboard_get(GDK_SELECTION_CLIPBOARD);
	GtkTargetEntry list[] = {{"text/uri-list", 0, 0}, {"x-special/gnome-copied-files", 0, 1}};
	if (copy) gtk_clipboard_set_with_data(board, list, copy, copied, NULL, NULL);
	if (picture) gtk_clipboard_set_image(board, gdk_pixbuf_new_from_file(picture, NULL));
	GtkWidget *window = gtk_window_new(GTK_WINDOW_TOPLEVEL);
	gtk_window_set_title(GTK_WINDOW(window), "Files");
	GtkWidget *box = gtk_event_box_new();
	gtk_container_add(GTK_CONTAINER(box), gtk_label_new("Drag from here"));
	gtk_container_add(GTK_CONTAINER(window), box);
	gtk_drag_source_set(box, GDK_BUTTON1_MASK, NULL, 0, GDK_ACTION_COPY);
	gtk_drag_source_add_uri_targets(box);
	g_signal_connect(box, "drag-data-get", G_CALLBACK(give), NULL);
	gtk_widget_show_all(window);
	gtk_main();
}
*/
import "C"

import (
	"flag"
	"net/url"
	"unsafe"
)

func main() {
	copied := flag.Bool("copy", false, "copy the files")
	addresses := flag.Bool("addresses", false, "copy the files' addresses")
	picture := flag.Bool("picture", false, "copy the first file as a picture")
	flag.Parse()
	files := flag.Args()
	list := unsafe.Slice((**C.char)(C.calloc(C.size_t(len(files)+1), C.size_t(unsafe.Sizeof(uintptr(0))))), len(files)+1) // ends with NULL
	for i, path := range files {
		list[i] = C.CString((&url.URL{Scheme: "file", Path: path}).String())
	}
	var copy C.int
	var shown *C.char
	switch { // how many forms are offered
	case *copied:
		copy = 2
	case *addresses:
		copy = 1
	}
	if *picture {
		shown = C.CString(files[0])
	}
	C.show(&list[0], copy, shown)
}
