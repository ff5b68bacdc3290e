package segment

// agreedOnAccECN says whether e's SYN asked for accurate ECN and the other end's SYN, ACK agreed (RFC 9768 §3.1, table 2).
// That says as well how the SYN's IP header arrived: Not-ECT, ECT(1), ECT(0) or CE.
func (e *end) agreedOnAccECN(peer *end) bool {
	if e.synACE != 0b111 {
		return false
	}
	switch peer.synAckACE {
	case 0b010, 0b011, 0b100, 0b110:
		return true
	}
	return false
}
