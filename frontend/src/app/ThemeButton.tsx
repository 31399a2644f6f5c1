import { Moon, Sun } from "lucide-react";
import { useState } from "react";

import { applyTheme, isDark, storedTheme, type Theme } from "@/lib/theme";
import { IconButton } from "@/ui";

export function ThemeButton() {
  const [theme, setTheme] = useState(storedTheme);
  const dark = isDark(theme);
  const toggle = () => {
    const wanted = dark ? "light" : "dark";
    // Back to what the system wishes is back to following it.
    const next: Theme = isDark("system") === (wanted === "dark") ? "system" : wanted;
    applyTheme(next);
    setTheme(next);
  };
  return <IconButton icon={dark ? Sun : Moon} label={dark ? "Light theme" : "Dark theme"} onClick={toggle} />;
}
