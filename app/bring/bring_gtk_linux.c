//go:build webkit2_41

#include <gtk/gtk.h>
#include <string.h>
#include "_cgo_export.h"

// What a page drags or copies itself must never be told: a script in it can write any address into that, and would be given the file.

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

// Whether the page itself drags something; what another program drags over the window now, and which drag that is.
static gboolean own;
static char **held;
static GdkDragContext *drag;

static void forget(void) {
	g_strfreev(held);
	held = NULL;
	drag = NULL;
}

static void begun(GtkWidget *view, GdkDragContext *context, gpointer nothing) {
	own = TRUE;
	forget();
}

static void ended(GtkWidget *view, GdkDragContext *context, gpointer nothing) { own = FALSE; }

static gboolean ours(GdkDragContext *context) { return own || gtk_drag_get_source_widget(context) != NULL; }

static gboolean moved(GtkWidget *view, GdkDragContext *context, gint x, gint y, guint at, gpointer nothing) {
	if (context != drag) {
		forget();
		drag = context;
	}
	return FALSE; // the web view goes on as usual
}

// The web view asks for what is dragged, to learn of what kind it is.
static void received(GtkWidget *view, GdkDragContext *context, gint x, gint y, GtkSelectionData *data, guint info, guint at, gpointer nothing) {
	if (context != drag || ours(context)) return;
	char **uris = gtk_selection_data_get_uris(data);
	if (uris == NULL) return;
	g_strfreev(held);
	held = uris;
}

// It is let go where the page takes files: elsewhere the drag just ends.
static gboolean dropped(GtkWidget *view, GdkDragContext *context, gint x, gint y, guint at, gpointer nothing) {
	tell(context == drag && !ours(context) ? held : NULL);
	forget();
	return FALSE;
}

static gboolean forget_soon(gpointer left) {
	if (left == drag) forget();
	return G_SOURCE_REMOVE;
}

// Leaving comes before letting go, too, but then both at once.
static void left(GtkWidget *view, GdkDragContext *context, guint at, gpointer nothing) { g_idle_add(forget_soon, context); }

static gboolean offers(GdkAtom *targets, gint n, const char *name) {
	for (gint i = 0; i < n; i++)
		if (targets[i] == gdk_atom_intern(name, FALSE)) return TRUE;
	return FALSE;
}

// What file managers offer beside the addresses of copied files, and no page can.
static const char *by_file_managers[] = {
	"x-special/gnome-copied-files", "x-special/mate-copied-files", "application/x-kde4-urilist",
	"application/vnd.portal.filetransfer", "application/vnd.portal.files", NULL,
};

static gboolean by_file_manager(GdkAtom *targets, gint n) {
	if (gdk_selection_owner_get(GDK_SELECTION_CLIPBOARD) != NULL) return FALSE; // copied in this program
	for (const char **name = by_file_managers; *name != NULL; name++)
		if (offers(targets, n, *name)) return TRUE;
	return FALSE;
}

static void uris_pasted(GtkClipboard *board, char **uris, gpointer nothing) { tell(uris); }

static void png_pasted(GtkClipboard *board, GtkSelectionData *data, gpointer nothing) {
	gint n = gtk_selection_data_get_length(data);
	if (n > 0)
		parleyPicture((char *)gtk_selection_data_get_data(data), n);
	else
		tell(NULL);
}

static void picture_pasted(GtkClipboard *board, GdkPixbuf *picture, gpointer nothing) {
	char *content = NULL;
	gsize n = 0;
	if (picture != NULL && gdk_pixbuf_save_to_buffer(picture, &content, &n, "png", NULL, NULL) && n <= G_MAXINT)
		parleyPicture(content, (int)n);
	else
		tell(NULL);
	g_free(content);
}

// Words that come with a picture of themselves, from an office program, are pasted as words.
static void targets_pasted(GtkClipboard *board, GdkAtom *targets, gint n, gpointer nothing) {
	if (n > 0 && gtk_targets_include_uri(targets, n) && by_file_manager(targets, n))
		gtk_clipboard_request_uris(board, uris_pasted, NULL);
	else if (n <= 0 || gtk_targets_include_text(targets, n) || !gtk_targets_include_image(targets, n, FALSE))
		tell(NULL);
	else if (offers(targets, n, "image/png"))
		gtk_clipboard_request_contents(board, gdk_atom_intern("image/png", FALSE), png_pasted, NULL);
	else
		gtk_clipboard_request_image(board, picture_pasted, NULL);
}

// Whether a key is that of a sign in any of the keyboard's layouts: where another one is chosen, it pastes all the same.
static gboolean is_key(GdkEventKey *key, guint sign) {
	if (gdk_keyval_to_lower(key->keyval) == sign) return TRUE;
	GdkKeymapKey *keys = NULL;
	gint n = 0;
	gboolean found = FALSE;
	if (!gdk_keymap_get_entries_for_keyval(gdk_keymap_get_for_display(gdk_display_get_default()), sign, &keys, &n)) return FALSE;
	for (gint i = 0; i < n; i++) found |= keys[i].keycode == key->hardware_keycode;
	g_free(keys);
	return found;
}

static gboolean pressed(GtkWidget *view, GdkEventKey *key, gpointer nothing) {
	guint with = key->state & gtk_accelerator_get_default_mod_mask();
	gboolean insert = key->keyval == GDK_KEY_Insert || key->keyval == GDK_KEY_KP_Insert;
	if ((with == GDK_CONTROL_MASK && is_key(key, GDK_KEY_v)) || (with == GDK_SHIFT_MASK && insert) || key->keyval == GDK_KEY_Paste) {
		parleyComing();
		gtk_clipboard_request_targets(gtk_clipboard_get(GDK_SELECTION_CLIPBOARD), targets_pasted, NULL);
	}
	return FALSE;
}

static void watch(GtkWidget *widget, gpointer nothing) {
	if (strcmp(G_OBJECT_TYPE_NAME(widget), "WebKitWebView") == 0) {
		g_signal_connect(widget, "drag-begin", G_CALLBACK(begun), NULL);
		g_signal_connect(widget, "drag-end", G_CALLBACK(ended), NULL);
		g_signal_connect(widget, "drag-motion", G_CALLBACK(moved), NULL);
		g_signal_connect(widget, "drag-leave", G_CALLBACK(left), NULL);
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
