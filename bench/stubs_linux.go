package main

func memory(b *bench) error    { return nil }
func eventRate(b *bench) error { return nil }
func encoding(b *bench) error  { return nil }
func pageLoad(b *bench) error  { return nil }
