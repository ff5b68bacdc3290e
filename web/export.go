package web

import (
	"fmt"
	"net/http"
	"path"

	"github.com/go-chi/chi/v5"
)

// exportPath is where a file that a command has made is fetched. The ticket behind it is a secret, which only the page
// that gave the command knows, and it works once.
const exportPath = "/download/"

// exportTypes are the media types of such files, by their extension.
var exportTypes = map[string]string{".pcapng": "application/x-pcapng", ".zip": "application/zip"}

func (s *Server) serveExport(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet { // a HEAD must not use the ticket up
		http.Error(w, "The file can only be fetched.", http.StatusMethodNotAllowed)
		return
	}
	name, write, ok := s.cfg.Sessions.Export(chi.URLParam(r, "ticket"))
	if !ok {
		http.Error(w, "This file was fetched already, or has waited longer than a minute; save it again.", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", exportTypes[path.Ext(name)])
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
	w.Header().Set("Cache-Control", "no-store")
	if err := write(w); err != nil { // the browser sees a file that ends too early
		s.cfg.Logger.Debug("a file was not fetched to its end", "err", err)
		panic(http.ErrAbortHandler)
	}
}
