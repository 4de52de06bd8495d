//go:build !windows

package notify

// texts returns what is shown of a title and a body. Neither is ever empty: an odd message still yields a toast.
func texts(title, body string) (string, string) {
	title, body = Filter(title, maxTitle), Filter(body, maxBody)
	if title == "" {
		title = appName
	}
	if body == "" {
		body = constantBody
	}
	return title, body
}
