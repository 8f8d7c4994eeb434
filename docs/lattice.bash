# SPDX-FileCopyrightText: 2026 The lattice authors
# SPDX-License-Identifier: GPL-3.0-or-later
# bash completion for lattice and lattice-node.
# Generated: lattice help --bash-completion > docs/lattice.bash

_lattice_commands=' run render check nodes graph pattern send watch top help'

# The options of a command; fails if there is none of that name.
_lattice_options()
{
    case $1 in
    run) echo ' --rate --block --workers --pin --isa --demo --journal --record --record-dir --record-last --superdirt --osc-port --bind --remote --empty --session-dir --sample-dir --jack-name --jack-server --wait --no-connect --connect-midi --meters --node-per-process --sandbox --process-memory --quiet --verbose --help --version' ;;
    render) echo ' --rate --block --workers --pin --isa --seconds --input --stats --score --demo --record-dir --session-dir --sample-dir --quiet --verbose --help --version' ;;
    check) echo ' --rate --block --session-dir --sample-dir --quiet --verbose --help --version' ;;
    nodes) echo ' --json --markdown --quiet --verbose --help --version' ;;
    graph) echo ' --rate --block --workers --isa --session-dir --sample-dir --dot --json --quiet --verbose --help --version' ;;
    pattern) echo ' --cycles --from --with --seed --draw --help' ;;
    send) echo ' --osc-port --host --tcp --timeout --file --latency --quiet --verbose --help --version' ;;
    watch) echo ' --osc-port --host --quiet --verbose --help --version' ;;
    top) echo ' --osc-port --host --timeout --once --sort --reverse --filter --lines --interval --json --quiet --verbose --help --version' ;;
    help) echo ' --bash-completion --help --version' ;;
    lattice-node) echo ' --block --isa --osc-port --bind --remote --jack-server --sandbox --process-memory --connect --quiet --verbose --help --version' ;;
    *) return 1 ;;
    esac
}

# What an option takes: FILE, DIR, words, or something else; fails if it takes
# nothing.
_lattice_argument()
{
    case $1 in
    --rate) echo '' ;;
    --block) echo '' ;;
    --workers) echo '' ;;
    --pin) echo '' ;;
    --isa) echo 'baseline avx2 avx512 neon' ;;
    --journal) echo 'FILE' ;;
    --record) echo 'FILE' ;;
    --record-dir) echo 'DIR' ;;
    --record-last) echo '' ;;
    --osc-port) echo '' ;;
    --bind) echo '' ;;
    --remote) echo 'play edit all' ;;
    --session-dir) echo 'DIR' ;;
    --sample-dir) echo 'DIR' ;;
    --jack-name) echo '' ;;
    --jack-server) echo '' ;;
    --process-memory) echo '' ;;
    --seconds) echo '' ;;
    --input) echo 'FILE' ;;
    --stats) echo 'FILE' ;;
    --score) echo 'FILE' ;;
    --cycles) echo '' ;;
    --from) echo '' ;;
    --with) echo '' ;;
    --seed) echo '' ;;
    --host) echo '' ;;
    --timeout) echo '' ;;
    --file) echo 'FILE' ;;
    --latency) echo '' ;;
    --sort) echo 'node type batch ns share peak rms' ;;
    --filter) echo '' ;;
    --lines) echo '' ;;
    --interval) echo '' ;;
    *) return 1 ;;
    esac
}

# Files, and folders on the way to them.
_lattice_files()
{
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$1")
}

_lattice_folders()
{
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -d -- "$1")
}

_lattice_words()
{
    mapfile -t COMPREPLY < <(compgen -W "$2" -- "$1")
}

_lattice_types()
{
    local program=$2
    [[ $program != *lattice-node ]] || program=${program%-node}
    _lattice_words "$1" \
        "$("$program" nodes 2>/dev/null | cut -d ' ' -f 1)"
}

# Files, and the names of sessions in the usual folder.
_lattice_sessions()
{
    local folder=${XDG_DATA_HOME:-${HOME-}/.local/share}/lattice/sessions
    local file names=()
    for file in "$folder"/*.ini; do
        [ -e "$file" ] || continue
        file=${file##*/}
        names+=("${file%.ini}")
    done
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$1"
        compgen -W "${names[*]}" -- "$1")
}

# The value of option $1, begun as $2; fails if it takes none.
_lattice_value()
{
    local kind
    kind=$(_lattice_argument "$1") || return 1
    case $kind in
    FILE) _lattice_files "$2" ;;
    DIR) _lattice_folders "$2" ;;
    *) _lattice_words "$2" "$kind" ;;
    esac
}

_lattice()
{
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
    local command='' n=0 i word
    COMPREPLY=()
    if [ "$cur" = = ]; then
        cur=''
    elif [ "$prev" = = ] && [ "$COMP_CWORD" -gt 1 ]; then
        prev=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    [[ ${1##*/} != lattice-node ]] || command=lattice-node
    # The command, and how many arguments stand before the cursor.
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        case $word in
        -?*)
            if _lattice_argument "$word" >/dev/null; then
                i=$((i + 1))
                [ "${COMP_WORDS[i]}" != = ] || i=$((i + 1))
            fi
            ;;
        *)
            if [ -z "$command" ]; then
                command=run
                if _lattice_options "$word" >/dev/null; then
                    command=$word
                    continue
                fi
            fi
            n=$((n + 1))
            ;;
        esac
    done
    ! _lattice_value "$prev" "$cur" || return 0
    case $command:$n:$cur in
    *:*:-*) _lattice_words "$cur" "$(_lattice_options "${command:-run}")" ;;
    :*) # a command, or a session
        _lattice_sessions "$cur"
        local sessions=("${COMPREPLY[@]}")
        _lattice_words "$cur" "$_lattice_commands"
        COMPREPLY+=("${sessions[@]}")
        ;;
    run:0:* | render:0:* | check:* | graph:0:*) _lattice_sessions "$cur" ;;
    render:1:*) _lattice_files "$cur" ;;
    nodes:0:* | lattice-node:0:*) _lattice_types "$cur" "$1" ;;
    help:0:*) _lattice_words "$cur" "$_lattice_commands lattice-node" ;;
    esac
}

complete -F _lattice lattice lattice-node
