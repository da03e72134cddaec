# Searches Swift files for what the rules in the file `rules` refuse. A helper of scripts/lint.
#
# Prints, separated by tabs:  E file line rule message   for a violation,
#                             A file line rule reason    for an allowance that was needed.
# With -v samples=1 it prints  module rule sample  for every sample and module of the rules, and reads no file.

BEGIN {
  start = "(^|[^A-Za-z0-9_])"
  finish = "([^A-Za-z0-9_]|$)"
  anyImport = "^[ \t]*(@[A-Za-z_]+(\\([^)]*\\))? *)*((public|package|internal|fileprivate|private) +)?" \
    "import +((struct|class|enum|protocol|func|var|let|typealias|actor) +)?"
  readRules()
  if (samples) exit
}

function readRules(   line, key, value, n) {
  while ((getline line < rules) > 0) {
    if (line ~ /^#/ || line ~ /^ *$/) continue
    key = line; sub(/ .*/, "", key)
    value = substr(line, length(key) + 2)
    if (key == "rule") { n = ++count; name[n] = value; known[value] = 1 }
    else if (key == "guards") guards[n] = value
    else if (key == "where") {
      except[n] = ""
      if (match(value, / except /)) {
        except[n] = substr(value, RSTART + RLENGTH)
        value = substr(value, 1, RSTART - 1)
      }
      modules[n] = " " value " "
    }
    else if (key == "on") wholeText[n] = (value == "text")
    else if (key == "pattern") pattern[n] = expand(value)
    else if (key == "unless") unless[n] = expand(value)
    else if (key == "needs") needs[n] = expand(value)
    else if (key == "say") message[n] = value
    else if (key == "sample") { if (samples) printSample(n, value) }
    else { print "lint.awk: unknown key in the rules: " line > "/dev/stderr"; exit 70 }
  }
}

function printSample(n, sample,   list, i, total) {
  total = split(modules[n], list, " ")
  for (i = 1; i <= total; i++) print list[i] "\t" name[n] "\t" sample
}

function expand(text) {
  text = replace(text, "\\<", start)
  text = replace(text, "\\>", finish)
  return replace(text, "{import}", anyImport)
}

function replace(text, old, new,   result, at) {
  result = ""
  while ((at = index(text, old)) > 0) {
    result = result substr(text, 1, at - 1) new
    text = substr(text, at + length(old))
  }
  return result text
}

FNR == 1 { finishFile(); startFile() }

{
  separate($0)
  trailing = ""
  if (comment ~ /lint: *allow/) readAllowance(comment)
  for (n = 1; n <= count; n++) {
    if (!applies[n]) continue
    text = wholeText[n] ? tolower($0) : code
    if (needs[n] != "" && text ~ needs[n]) satisfied[n] = 1
    if (text !~ pattern[n]) continue
    if (unless[n] != "" && text ~ unless[n]) continue
    if (isAllowed(n)) continue
    if (needs[n] != "") { waiting[n] = waiting[n] " " FNR; continue }
    violation(FNR, n)
  }
  # An allowance that stands on a line of its own holds for the next line.
  if (above != "") unused(aboveLine, above)
  above = ""
  if (trailing != "" && code ~ /^[ \t]*$/) { above = trailing; aboveLine = trailingLine; aboveReason = trailingReason }
  else if (trailing != "") unused(trailingLine, trailing)
}

END { if (!samples) finishFile() }

function startFile(   parts, n) {
  file = FILENAME
  split(file, parts, "/")
  module = parts[2]
  depth = 0; comments = 0; above = ""
  for (n = 1; n <= count; n++) {
    applies[n] = index(modules[n], " " module " ") > 0 && !(except[n] != "" && index(file, except[n]) == 1)
    satisfied[n] = 0
    waiting[n] = ""
    if (applies[n] && wholeText[n] && tolower(file) ~ pattern[n]) violation(1, n)
  }
}

function finishFile(   n, lines, total, i) {
  if (file == "") return
  for (n = 1; n <= count; n++) {
    if (waiting[n] == "" || satisfied[n]) continue
    total = split(waiting[n], lines, " ")
    for (i = 1; i <= total; i++) violation(lines[i], n)
  }
  if (above != "") unused(aboveLine, above)
}

function violation(line, n) {
  report(line, name[n], message[n] (guards[n] > 0 ? " (docs/determinism.md, rule " guards[n] ")" : ""))
}

function report(line, rule, text) { print "E\t" file "\t" line "\t" rule "\t" text }

function unused(line, rule) {
  if (!(line in used)) report(line, "allowance", "allows `" rule "`, which nothing here breaks")
  delete used[line]
}

function readAllowance(text,   rule, reason) {
  sub(/.*lint: *allow */, "", text)
  rule = text; sub(/[^A-Za-z0-9-].*/, "", rule)
  reason = substr(text, length(rule) + 1)
  if (!(rule in known)) report(FNR, "allowance", "there is no rule `" rule "`")
  else if (reason !~ /^ +because +[^ ]+ +[^ ]/) report(FNR, "allowance", "`// lint: allow " rule " because …` wants a reason")
  else {
    sub(/^ +because +/, "", reason)
    trailing = rule; trailingLine = FNR; trailingReason = reason
  }
}

function isAllowed(n) {
  if (trailing == name[n]) return allow(trailingLine, name[n], trailingReason)
  if (above == name[n]) return allow(aboveLine, name[n], aboveReason)
  return 0
}

function allow(line, rule, reason) {
  if (!(line in used)) print "A\t" file "\t" line "\t" rule "\t" reason
  used[line] = 1
  return 1
}

# Splits a line into `code`, without comments and without the text of strings, and the `comment` after //.
# Remembers over lines: `comments`, how deep in /* */; `kind[1…depth]`, in which strings ("s") and
# interpolations ("i") the line begins; `hashes`, `triple` of a string; `parens` open in an interpolation.
function separate(line,   i, c, size, top) {
  code = ""; comment = ""
  if (depth == 0 && comments == 0 && line !~ /["]|\/[\/*]/) { code = line; return }
  size = length(line)
  i = 1
  while (i <= size) {
    c = substr(line, i, 1)
    if (comments > 0) {
      if (substr(line, i, 2) == "*/") { comments--; i += 2 }
      else if (substr(line, i, 2) == "/*") { comments++; i += 2 }
      else i++
    } else if (depth > 0 && kind[depth] == "s") {
      if (c == "\\" && substr(line, i + 1, hashes[depth]) == marks(hashes[depth])) {
        i += 1 + hashes[depth]
        if (substr(line, i, 1) == "(") { depth++; kind[depth] = "i"; parens[depth] = 0; code = code " (" }
        i++
      } else if (c == "\"" && closes(line, i)) {
        i += (triple[depth] ? 3 : 1) + hashes[depth]
        depth--
        code = code "\""
      } else i++
    } else if (substr(line, i, 2) == "//") {
      comment = substr(line, i + 2)
      break
    } else if (substr(line, i, 2) == "/*") {
      comments++; i += 2
    } else if (c == "\"" || (c == "#" && substr(line, i) ~ /^#+"/)) {
      depth++; kind[depth] = "s"; hashes[depth] = 0
      while (substr(line, i, 1) == "#") { hashes[depth]++; i++ }
      triple[depth] = (substr(line, i, 3) == "\"\"\"")
      i += triple[depth] ? 3 : 1
      code = code "\""
    } else {
      if (depth > 0) {
        if (c == "(") parens[depth]++
        else if (c == ")" && parens[depth]-- == 0) depth--
      }
      code = code c
      i++
    }
  }
  # A string of one line ends with it; whatever is inside one that spans lines goes on.
  for (top = 1; top <= depth; top++) if (kind[top] == "s" && !triple[top]) { depth = top - 1; break }
}

function marks(n) { return substr("################", 1, n) }

function closes(line, i,   wanted) {
  wanted = (triple[depth] ? "\"\"\"" : "\"") marks(hashes[depth])
  return substr(line, i, length(wanted)) == wanted
}
