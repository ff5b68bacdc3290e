package lab

import "slices"

// SettingsList is what Host.Settings can read and Host.SetSetting set, without values.
func SettingsList() []Setting { return slices.Clone(settings) }
