package kernel

import (
	"fmt"

	"golang.org/x/sys/windows"
)

// this asks RtlGetVersion, which tells the version as it is and not as a manifest asks for.
func this() Kernel {
	v := windows.RtlGetVersion()
	return Kernel{System: "Windows", Release: fmt.Sprintf("%d.%d.%d", v.MajorVersion, v.MinorVersion, v.BuildNumber)}
}
