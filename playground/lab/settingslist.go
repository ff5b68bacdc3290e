package lab

import "slices"

// SettingsList is what Host.Settings can read and Host.SetSetting set where the kernel has it, without values.
func SettingsList() []Setting { return slices.Clone(settings) }

// FindSetting finds one of SettingsList by its name.
func FindSetting(name string) (Setting, bool) {
	i := slices.IndexFunc(settings, func(s Setting) bool { return s.Name == name })
	if i < 0 {
		return Setting{}, false
	}
	return settings[i], true
}
