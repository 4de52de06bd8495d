package hub

import "testing"

func TestPost_isToldToBothSides(t *testing.T) {
	r := newRig(t)
	max, ana := r.connect("max"), r.connect("ana")
	answer := max.mustPost("ana", "hello")
	if answer.N != 1 || answer.At != r.hub.now() || answer.Waiting {
		t.Errorf("answer %+v", answer)
	}
	ana.barrier()
	for _, c := range []*client{max, ana} {
		other := "ana"
		if c == ana {
			other = "max"
		}
		if got := c.texts(other); got != "1:hello" {
			t.Errorf("%s has %q", c.name, got)
		}
	}
	ana.mustPost("max", "hello yourself")
	max.barrier()
	if got := max.texts("ana"); got != "1:hello 2:hello yourself" {
		t.Errorf("max has %q", got)
	}
}
