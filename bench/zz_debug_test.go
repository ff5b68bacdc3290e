package main
import "testing"
func TestZZ(t *testing.T){
 for _, h := range []int{1000,100000,1000,100000} {
	q, d, err := draw(t.Context(), "/tmp/pagecopy", "ladder", h)
	t.Logf("%d %+v %+v %v", h, q.FPS, d, err)
 }
}
