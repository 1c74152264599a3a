import ArgumentParser

/// The completion scripts: those of the argument parser, with functions of it replaced.
///
/// The parser's functions expand what a program answers as the shell's own words (bash), take the
/// part of a word before a colon for its name (zsh) and offer files of another folder (fish); and
/// bash splits words at `:` and `=`, which the names of shipped plans and `--export` have.
enum CompletionScript {
    private static let option = "--generate-completion-script"

    /// Returns the script that a command line asks for; nil if it asks for none.
    static func asked(by words: [String]) -> String? {
        guard let first = words.first, first.hasPrefix(option), words.count <= 2 else { return nil }
        let name =
            first == option ? words.dropFirst().first : String(first.dropFirst(option.count + 1))
        let shell = name.map { CompletionShell(rawValue: $0) } ?? CompletionShell.autodetected()
        return shell.map(text)
    }

    private static func text(for shell: CompletionShell) -> String {
        let script = UDPLab.completionScript(for: shell)
        switch shell {
        case .bash: return script + "\n" + bash
        case .fish: return script + "\n" + fish
        default:
            // --name=value is one word only for options that are declared with the equals sign.
            let joined = script.replacing(/('\*?--[a-z-]+)(\[.*\]:)/) {
                "\($0.output.1)=\($0.output.2)"
            }
            // The first completion runs the last lines of the script, so that what replaces
            // functions has to be above them.
            let end = "\nif [[ \"${funcstack[1]}\""
            guard let place = joined.firstRange(of: end)?.lowerBound else { return joined }
            return joined[..<place] + "\n" + zsh + joined[place...] + "\n"
        }
    }

    private static let bash = #"""

        # From here on in place of the functions above.

        __udplab_cursor_index_in_current_word() {
            printf %s "${#cur}"
        }

        # Adds files, or with -W the answer of the program: words, and patterns of files. compgen -W
        # would expand the words.
        __udplab_add_completions() {
            local line
            local -a files=("${@}")
            compopt +o filenames 2>/dev/null
            if [[ "${1}" = -W ]]; then
                files=()
                while IFS='' read -r line; do
                    case "${line}" in
                    '*') files=(-f) ;;
                    '*.json') files=(-o plusdirs -f -X '!*.json') ;;
                    "${cur}"*)
                        COMPREPLY+=("${line}")
                        [[ "${line}" != *= ]] || compopt -o nospace 2>/dev/null
                        ;;
                    esac
                done <<<"${2}"
            fi
            [[ "${#files[@]}" -gt 0 ]] || return
            local before=
            [[ "${files[*]}" != -f || "${1}" != -W ]] || before="${cur%%=*}="
            while IFS='' read -r line; do
                COMPREPLY+=("${before}${line}")
                # The shell quotes names of files, and adds slashes to folders.
                compopt -o filenames 2>/dev/null
            done < <(IFS=$'\n' compgen "${files[@]}" -- "${cur#"${before}"}")
        }

        __udplab_custom_complete() {
            "${COMP_WORDS[0]}" "${@}" "${COMP_WORDS[@]}" 2>/dev/null
        }

        # Completes a line whose words readline has split at : and =.
        __udplab_complete_line() {
            local -a words=()
            local word rest="${COMP_LINE:0:COMP_POINT}" gap
            local -i index
            for ((index = 0; index <= COMP_CWORD; index++)); do
                gap="${rest%%[![:space:]]*}"
                rest="${rest#"${gap}"}"
                word="${COMP_WORDS[index]}"
                [[ "${index}" -lt "${COMP_CWORD}" ]] || word="${rest}"
                rest="${rest#"${word}"}"
                if [[ "${index}" -gt 0 && -z "${gap}" ]]; then
                    words[-1]+="${word}"
                else
                    words+=("${word}")
                fi
            done
            word="${words[-1]}"
            if [[ "${word}" = --*=* ]]; then
                words[-1]="${word%%=*}"
                words+=("${word#*=}")
            fi
            local -a COMP_WORDS=("${words[@]}")
            local -i COMP_CWORD="${#words[@]}-1"
            COMPREPLY=()
            _udplab "${1}" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
            # readline replaces what is behind the last of its word breaks.
            local breaks="${COMP_WORDBREAKS//[!:=]/}"
            [[ -n "${breaks}" ]] || return
            word="${COMP_WORDS[COMP_CWORD]}"
            local kept="${word%"${word##*[${breaks}]}"}"
            for index in "${!COMPREPLY[@]}"; do
                COMPREPLY[index]="${COMPREPLY[index]#"${kept}"}"
            done
        }

        complete -F __udplab_complete_line udplab

        """#

    private static let zsh = #"""
        # From here on in place of the functions above.

        __udplab_complete() {
            compadd -V udplab -- "${@:#*=}"
            compadd -V udplab -S '' -- "${(M)@:#*=}"
        }

        # The answer of the program has words, and patterns of files.
        __udplab_custom_complete() {
            local -a answer
            answer=("${(@f)"$("${command_name}" "${@}" "${command_line[@]}" 2>/dev/null)"}")
            local -ar offered=("${(@)answer:#(|[*]*| )}")
            local -i failed=1
            if (( ${#offered} )); then
                __udplab_complete "${offered[@]}" && failed=0
            fi
            if (( ${answer[(Ie)*.json]} )); then
                _files -g '*.json' && failed=0
            elif (( ${answer[(Ie)*]} )); then
                compset -P '*='
                _files && failed=0
            fi
            return "${failed}"
        }

        """#

    private static let fish = #"""

        # From here on in place of the functions above.

        # The parser asks for the place of the cursor in a word (-tC) in a way that only the command
        # line of a terminal answers; the program does not use it.
        functions -c __udplab_tokens __udplab_all_tokens
        function __udplab_tokens
            test "$argv" = -tC; and echo 0; or __udplab_all_tokens $argv
        end

        # The answer of the program has words, and patterns of files.
        function __udplab_custom_completion
            set -x SAP_SHELL fish
            set -x SAP_SHELL_VERSION $FISH_VERSION
            set -l tokens (__udplab_tokens -p)
            if test -z "$(__udplab_tokens -t)"
                set -l index (count (__udplab_tokens -pc))
                set tokens $tokens[..$index] '' $tokens[(math $index + 1)..]
            end
            set -l typed (string unescape -- (commandline -t); or string trim -lc '"\'' -- (commandline -t))
            for line in (command $tokens[1] $argv $tokens 2>/dev/null)
                switch $line
                    case '\*.json'
                        __fish_complete_path $typed | string match -r '^.*(?:\.json|/)(?:\t.*)?$'
                    case '\*'
                        set -l before (string match -r '^[^=]*=' -- $typed)
                        for path in (__fish_complete_path (string replace -r '^[^=]*=' '' -- $typed))
                            printf '%s%s\n' $before $path
                        end
                    case '*'
                        printf '%s\n' $line
                end
            end
        end

        """#
}
