#!/usr/bin/env bash
# afternoon.sh PROGRAM PAGE: the commands of docs/book/afternoon.md, made short, by a program that has the page's
# estimator.
set -euo pipefail
program=$1 page=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
commands=$(awk '/^```$/ { inside = !inside; next } inside && /^\.\/pigrad (train|sweep|play|plot|grad)/' "$page")
[ "$(printf '%s\n' "$commands" | wc -l)" -ge 7 ] || { echo "the page has lost its commands"; exit 1; }
cd "$work"
short=(--set epochs=2 --set checkpoint_every=1 --set steps=400 --set minibatch=0 --set evaluate_episodes=1)
while read -r _ command rest; do
  read -ra arguments <<<"$rest"
  arguments=("${arguments[@]%%#*}")
  case $command in
    train) arguments+=("${short[@]}") ;;
    sweep)
      for i in "${!arguments[@]}"; do
        [ "${arguments[i]}" != --seeds ] || arguments[i + 1]=2
      done
      arguments+=("${short[@]}")
      ;;
    play) arguments+=(--steps 20) ;;
  esac
  echo "pigrad $command ${arguments[*]}"
  "$program" "$command" "${arguments[@]}" >out 2>&1 || { cat out; exit 1; }
done <<<"$commands"
[ -n "$(find runs/sweep-a2c-cartpole -maxdepth 1 -name '*.svg' -size +1k)" ] || { echo "no picture was made"; exit 1; }
