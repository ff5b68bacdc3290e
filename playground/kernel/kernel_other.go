//go:build !windows && (!unix || aix || solaris)

package kernel

import "runtime"

func this() Kernel { return Kernel{System: runtime.GOOS} }
