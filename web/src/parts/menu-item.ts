// One line of a menu: what it says, and what it does.
import type { Component } from "svelte";

export interface MenuItem {
  label: string;
  icon?: Component;
  run: () => void;
  isDangerous?: boolean;
  /** Of one choice among several. */
  isChosen?: boolean;
}
