// The parts of completion scripts that do not depend on the verbs.
#pragma once

namespace slipway {

/// For bash and zsh: names of what there is.
inline constexpr char shell_functions[] =
    R"sh(# Completion for slipway. bash: source <(slipway completion bash)
# zsh: slipway completion zsh > a folder of $fpath, as _slipway
_slipway_names() {
    case $1 in
    CONTAINER) slipway ps -a --format '{{.Names}}' 2>/dev/null ;;
    IMAGE) slipway images --format '{{.Repository}}:{{.Tag}}' 2>/dev/null |
        grep -v '<none>' ;;
    NETWORK) slipway network ls --format '{{.Name}}' 2>/dev/null ;;
    VOLUME) slipway volume ls -q 2>/dev/null ;;
    esac
}
# Of the list "$2" the word at place $1; the last one again if it ends in +.
_slipway_kind() {
    local count=0 kind last=
    while IFS= read -r kind; do
        last=$kind
        if [ "$count" -eq "$1" ]; then
            echo "${kind%+}"
            return
        fi
        count=$((count + 1))
    done < <(echo "$2" | tr ' ' '\n')
    case $last in *+) echo "${last%+}" ;; esac
}
# Of the list "$2" the value of $1, with "=" in front; nothing if there is none.
_slipway_value() {
    case " $2 " in
    *" $1="*)
        local rest=${2#*"$1="}
        echo "=${rest%% *}"
        ;;
    esac
}
)sh";

/// Words that are behind the cursor's do not count.
inline constexpr char bash_function[] = R"sh(
_slipway() {
    local current=${COMP_WORDS[COMP_CWORD]} verb= place=0 kind= word i
    local options= valued= arguments= verbs= candidates=
    COMPREPLY=()
    _slipway_verb ''
    for ((i = 1; i < COMP_CWORD; ++i)); do
        word=${COMP_WORDS[i]}
        if [[ $word == '=' ]]; then
            continue
        elif [[ $kind ]]; then # the value of an option
            kind=
        elif [[ $word == -* ]]; then
            kind=$(_slipway_value "$word" "$valued")
        elif [[ $word == ':' ]]; then
            place=$((place - 1)) # of "image:tag", for bash three words
        elif [[ $verbs ]] && _slipway_verb "${verb:+$verb }$word"; then
            verb="${verb:+$verb }$word"
        else
            verbs= place=$((place + 1))
        fi
    done
    [[ $current == '=' ]] && current=
    if [[ ! $kind && $current == -* && $place -eq 0 ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
        return
    elif [[ ! $kind && $verbs ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$verbs" -- "$current")
        return
    fi
    [[ $current == ':' ]] && current= place=$((place - 1))
    kind=${kind#=}
    kind=${kind:-$(_slipway_kind "$place" "$arguments")}
    case $kind in
    FILE) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    DIR) mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
    *)
        candidates=$(_slipway_names "$kind")
        # Behind "image:" only the tag is completed.
        if [[ ${COMP_WORDS[COMP_CWORD]} == ':' ]]; then
            word=${COMP_WORDS[COMP_CWORD - 1]}
        elif [[ $COMP_CWORD -gt 1 && ${COMP_WORDS[COMP_CWORD - 1]} == ':' ]]; then
            word=${COMP_WORDS[COMP_CWORD - 2]}
        else
            word=
        fi
        [[ $word ]] && candidates=$(echo "$candidates" | sed -n "s|^$word:||p")
        mapfile -t COMPREPLY < <(compgen -W "$candidates" -- "$current")
        ;;
    esac
}
complete -o default -F _slipway slipway
)sh";

inline constexpr char zsh_function[] = R"sh(
_slipway() {
    local verb= place=0 kind= word i
    local options= valued= arguments= verbs=
    _slipway_verb ''
    for ((i = 2; i < CURRENT; ++i)); do
        word=${words[i]}
        if [[ -n $kind ]]; then # the value of an option
            kind=
        elif [[ $word == -*=* ]]; then
            continue
        elif [[ $word == -* ]]; then
            kind=$(_slipway_value "$word" "$valued")
        elif [[ -n $verbs ]] && _slipway_verb "${verb:+$verb }$word"; then
            verb="${verb:+$verb }$word"
        else
            verbs= place=$((place + 1))
        fi
    done
    if [[ -z $kind && ${words[CURRENT]} == -* && $place -eq 0 ]]; then
        compadd -- ${=options}
        return
    elif [[ -z $kind && -n $verbs ]]; then
        compadd -- ${=verbs}
        return
    fi
    kind=${kind#=}
    kind=${kind:-$(_slipway_kind "$place" "$arguments")}
    case $kind in
    CONTAINER|IMAGE|NETWORK|VOLUME) compadd -- ${(f)"$(_slipway_names "$kind")"} ;;
    DIR) _files -/ ;;
    *) _files ;;
    esac
}
if [[ $funcstack[1] == _slipway ]]; then
    _slipway "$@"
else
    compdef _slipway slipway
fi
)sh";

inline constexpr char fish_functions[] = R"sh(# Completion for slipway:
# slipway completion fish > ~/.config/fish/completions/slipway.fish
function __slipway_names
    switch $argv[1]
        case CONTAINER
            slipway ps -a --format '{{.Names}}' 2>/dev/null
        case IMAGE
            slipway images --format '{{.Repository}}:{{.Tag}}' 2>/dev/null |
                string match -v '*<none>*'
        case NETWORK
            slipway network ls --format '{{.Name}}' 2>/dev/null
        case VOLUME
            slipway volume ls -q 2>/dev/null
    end
end
# The words typed so far, without options.
function __slipway_words
    for word in (commandline -opc)[2..-1]
        string match -q -- '-*' $word; or echo $word
    end
end
# Exactly these words.
function __slipway_at
    set -l typed (string join ' ' -- (__slipway_words))
    test "$typed" = "$argv"
end
# These words in front.
function __slipway_verb
    set -l typed (__slipway_words)
    set -l last (count $argv)
    test (count $typed) -ge $last
    and test "$typed[1..$last]" = "$argv"
end
# The same, and $argv[1] words behind them.
function __slipway_place
    __slipway_verb $argv[2..-1]
    and test (count (__slipway_words)) -eq (math (count $argv) - 1 + $argv[1])
end
complete -c slipway -f
)sh";

}  // namespace slipway
