package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"socketplayground/playground"
)

// serveDemos lists the demos that come with the playground.
func (s *Server) serveDemos(w http.ResponseWriter, r *http.Request) {
	serveTagged(w, r, "application/json", encode(struct {
		Demos []playground.DemoSummary `json:"demos"`
	}{playground.Demos()}))
}

// serveDemoTexts gives what their steps say, for who searches in it: ten times as much as the list.
func (s *Server) serveDemoTexts(w http.ResponseWriter, r *http.Request) {
	serveTagged(w, r, "application/json", encode(struct {
		Texts map[string]string `json:"texts"`
	}{playground.DemoTexts()}))
}

// serveDemo gives one of them: as JSON, or as its file where the path ends in .yaml.
func (s *Server) serveDemo(w http.ResponseWriter, r *http.Request) {
	id, file := strings.CutSuffix(chi.URLParam(r, "id"), ".yaml")
	text, found, ok := playground.FindDemo(id)
	switch {
	case !ok:
		http.Error(w, "There is no such demo; /demos lists them.", http.StatusNotFound)
	case file:
		w.Header().Set("Content-Disposition", `attachment; filename="`+id+`.yaml"`)
		serveTagged(w, r, "application/yaml; charset=utf-8", text) // RFC 9512
	default:
		serveTagged(w, r, "application/json", encode(found))
	}
}

// serveTagged serves what only another version of the program changes: a browser asks each time, and most often has it.
func serveTagged(w http.ResponseWriter, r *http.Request, kind string, content []byte) {
	sum := sha256.Sum256(content)
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", `"`+hex.EncodeToString(sum[:8])+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}
