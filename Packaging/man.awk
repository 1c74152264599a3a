# Mends a page of swift-argument-parser's generate-manual: the names of verbs' pages (udplab-run),
# paragraphs where there are empty lines, examples as they are, a list of the exit codes, and the
# characters beyond ASCII, which the generator drops and which man_pages therefore writes as
# @U+00B7@.
#
# awk -f man.awk PAGE

{
    while (match($0, /@U\+[0-9A-F]+@/))
        $0 = substr($0, 1, RSTART - 1) "\\[u" substr($0, RSTART + 3, RLENGTH - 4) "]" \
            substr($0, RSTART + RLENGTH)
}
/^\.Dt / { gsub(/\./, "-", $2) }
/^\.Nd / { sub(/\."$/, "\"") }
/^\.Xr / { sub(/udplab\./, "udplab-", $2) }
/^\.Nm "udplab / {
    verb = substr($0, 5)
    name = substr(verb, 2, length(verb) - 2)
    gsub(/ /, "-", name)
    $0 = ".Nm " name
}
/^\.Nm$/ && verb { $0 = ".Nm " verb }

# An empty line is a paragraph; before an item or the end of a list there is none.
/^$/ || /^\.Pp$/ { paragraph = 1; next }
/^\.(It|El|Bl|Sh)/ { paragraph = 0 }
/^Exit codes: / { codes = substr($0, 13); paragraph = 0; next }
/^\.Ex -std$/ {
    count = split(codes, code, / *\\\[u00B7\] */)
    if (count) print ".Bl -tag -width 6n -compact"
    for (i = 1; i <= count; i++) {
        sub(/\.$/, "", code[i])
        print ".It " substr(code[i], 1, index(code[i], " ") - 1)
        print substr(code[i], index(code[i], " ") + 1)
    }
    if (count) print ".El"
    if (!count) print "The description says which; the others are in\n.Xr udplab 1 ."
    if (verb) print ".Sh \"SEE ALSO\"\n.Xr udplab 1"
    next
}
!literal && /^ / {
    print ".Bd -literal"
    literal = 1
    paragraph = 0
}
literal && !/^ / {
    print ".Ed"
    literal = 0
}
{
    if (paragraph) print literal ? "" : ".Pp"
    paragraph = 0
    print
}
