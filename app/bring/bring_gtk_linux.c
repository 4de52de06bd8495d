//go:build webkit2_41

#include <gtk/gtk.h>
#include <string.h>
#include "_cgo_export.h"

// tell hands over what a list of addresses leads to on this computer.
static void tell(char **uris) {
	GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
	for (; uris != NULL && *uris != NULL; uris++) {
		GFile *file = g_file_new_for_uri(*uris);
		char *path = g_file_get_path(file); // none for what is elsewhere
		if (path != NULL) g_ptr_array_add(paths, path);
		g_object_unref(file);
	}
	parleyFiles((char **)paths->pdata, (int)paths->len);
	g_ptr_array_unref(paths);
}

// What is dragged over the window now, and which drag that is.
static char **held;
static GdkDragContext *drag;

static gboolean moved(GtkWidget *view, GdkDragContext *context, gint x, gint y, guint at, gpointer nothing) {
	if (context != drag) {
		g_strfreev(held);
		held = NULL;
		drag = context;
	}
	return FALSE; // the web view goes on as usual
}

// The web view asks for what is dragged, to learn of what kind it is.
static void received(GtkWidget *view, GdkDragContext *context, gint x, gint y, GtkSelectionData *data, guint info, guint at, gpointer nothing) {
	char **uris = gtk_selection_data_get_uris(data);
	if (uris == NULL || context != drag) {
		g_strfreev(uris);
		return;
	}
	g_strfreev(held);
	held = uris;
}

// It is let go where the page takes files: elsewhere the drag just ends.
static gboolean dropped(GtkWidget *view, GdkDragContext *context, gint x, gint y, guint at, gpointer nothing) {
	tell(context == drag ? held : NULL);
	g_strfreev(held);
	held = NULL;
	return FALSE;
}

static void uris_pasted(GtkClipboard *board, char **uris, gpointer nothing) { tell(uris); }

static void picture_pasted(GtkClipboard *board, GdkPixbuf *picture, gpointer nothing) {
	char *content = NULL;
	gsize n = 0;
	if (picture != NULL && gdk_pixbuf_save_to_buffer(picture, &content, &n, "png", NULL, NULL)) {
		parleyPicture(content, (int)n);
		g_free(content);
	} else {
		tell(NULL);
	}
}

// Words that come with a picture of themselves, from an office program, are pasted as words.
static void targets_pasted(GtkClipboard *board, GdkAtom *targets, gint n, gpointer nothing) {
	if (n > 0 && gtk_targets_include_uri(targets, n))
		gtk_clipboard_request_uris(board, uris_pasted, NULL);
	else if (n > 0 && gtk_targets_include_image(targets, n, FALSE) && !gtk_targets_include_text(targets, n))
		gtk_clipboard_request_image(board, picture_pasted, NULL);
	else
		tell(NULL);
}

static gboolean pressed(GtkWidget *view, GdkEventKey *key, gpointer nothing) {
	guint with = key->state & gtk_accelerator_get_default_mod_mask();
	if ((with == GDK_CONTROL_MASK && gdk_keyval_to_lower(key->keyval) == GDK_KEY_v) || (with == GDK_SHIFT_MASK && key->keyval == GDK_KEY_Insert)) {
		parleyComing();
		gtk_clipboard_request_targets(gtk_clipboard_get(GDK_SELECTION_CLIPBOARD), targets_pasted, NULL);
	}
	return FALSE;
}

static void watch(GtkWidget *widget, gpointer nothing) {
	if (strcmp(G_OBJECT_TYPE_NAME(widget), "WebKitWebView") == 0) {
		g_signal_connect(widget, "drag-motion", G_CALLBACK(moved), NULL);
		g_signal_connect(widget, "drag-data-received", G_CALLBACK(received), NULL);
		g_signal_connect(widget, "drag-drop", G_CALLBACK(dropped), NULL);
		g_signal_connect(widget, "key-press-event", G_CALLBACK(pressed), NULL);
	} else if (GTK_IS_CONTAINER(widget)) {
		gtk_container_forall(GTK_CONTAINER(widget), watch, NULL);
	}
}

static gboolean watch_all(gpointer nothing) {
	GList *all = gtk_window_list_toplevels();
	g_list_foreach(all, (GFunc)watch, NULL);
	g_list_free(all);
	return G_SOURCE_REMOVE;
}

void parley_watch_soon(void) { g_idle_add(watch_all, NULL); }
