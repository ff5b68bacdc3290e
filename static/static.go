// Package static holds the page: files as they are, with no build step and nothing from npm at run time.
package static

import "embed"

// FS has index.html and everything it refers to, under the names it uses without "static/".
//
//go:embed index.html favicon.svg css js
var FS embed.FS
