package notify

// texts returns constant words on Windows: the toast library there puts the text into XML, and into a script if the system
// call fails, without escaping either. Who wrote what is seen in the window.
func texts(_, _ string) (string, string) { return appName, constantBody }
