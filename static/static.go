// Package static is the page, embedded as it is.
package static

import "embed"

// FS has index.html and what it loads.
//
//go:embed index.html favicon.svg css js
var FS embed.FS
