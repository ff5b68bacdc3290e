package wire

// Between runs f while no packet is being read or written and the Observer is told nothing: what f sees of the two
// hosts was brought about by packets whose Landed has returned. f must not call the wire, nor wait for who does.
func (w *Wire) Between(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
}
