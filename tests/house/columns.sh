#!/usr/bin/env bash
# No line of code, and none of a page but a table's, is longer than 120 columns; a combining mark, as in x̄, takes
# none.
set -euo pipefail
. tests/house/files.sh
scripts() {
  find . -path './build*' -prune -o -path ./.git -prune -o -type f \
    \( -name '*.sh' -o -name '*.py' -o -name '*.cmake' -o -name CMakeLists.txt -o -path ./pigrad \) -print0
}
pages() { find docs -name '*.md' -print0; }
{ sources "${house[@]}" && scripts && pages; } | xargs -0 perl -CSD -ne '
  ($columns = $_) =~ s/[\x{300}-\x{36f}\n]//g;
  next if $ARGV =~ /\.md$/ && /^\|/;
  if (length($columns) > 120) { print "$ARGV:$.: ", length($columns), " columns\n"; $wrong = 1 }
} continue {
  close ARGV if eof;
  END { print("columns: break the lines above at 120 columns\n"), $? = 1 if $wrong }
'
