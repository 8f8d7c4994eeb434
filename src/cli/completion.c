// SPDX-FileCopyrightText: 2026 The lattice authors
// SPDX-License-Identifier: GPL-3.0-or-later

// `lattice help --bash-completion`: what bash has to know to complete command
// lines of both programs.  Lists come from the tables of commands and options,
// the rest is the text below.

#include "options.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

// REUSE-IgnoreStart
static const char head[] =
    "# SPDX-FileCopyrightText: 2026 The lattice authors\n"
    "# SPDX-License-Identifier: GPL-3.0-or-later\n"
    "# bash completion for lattice and lattice-node.\n"
    "# Generated: lattice help --bash-completion > docs/lattice.bash\n"
    "\n";
// REUSE-IgnoreEnd

static const char helpers[] =
    "# Files, and folders on the way to them.\n"
    "_lattice_files()\n"
    "{\n"
    "    compopt -o filenames 2>/dev/null\n"
    "    mapfile -t COMPREPLY < <(compgen -f -- \"$1\")\n"
    "}\n"
    "\n"
    "_lattice_folders()\n"
    "{\n"
    "    compopt -o filenames 2>/dev/null\n"
    "    mapfile -t COMPREPLY < <(compgen -d -- \"$1\")\n"
    "}\n"
    "\n"
    "_lattice_words()\n"
    "{\n"
    "    mapfile -t COMPREPLY < <(compgen -W \"$2\" -- \"$1\")\n"
    "}\n"
    "\n"
    "_lattice_types()\n"
    "{\n"
    "    local program=$2\n"
    "    [[ $program != *lattice-node ]] || program=${program%-node}\n"
    "    _lattice_words \"$1\" \\\n"
    "        \"$(\"$program\" nodes 2>/dev/null | cut -d ' ' -f 1)\"\n"
    "}\n"
    "\n"
    "# Files, and the names of sessions in the usual folder.\n"
    "_lattice_sessions()\n"
    "{\n"
    "    local "
    "folder=${XDG_DATA_HOME:-${HOME-}/.local/share}/lattice/sessions\n"
    "    local file names=()\n"
    "    for file in \"$folder\"/*.ini; do\n"
    "        [ -e \"$file\" ] || continue\n"
    "        file=${file##*/}\n"
    "        names+=(\"${file%.ini}\")\n"
    "    done\n"
    "    compopt -o filenames 2>/dev/null\n"
    "    mapfile -t COMPREPLY < <(compgen -f -- \"$1\"\n"
    "        compgen -W \"${names[*]}\" -- \"$1\")\n"
    "}\n"
    "\n";

static const char body[] =
    "# The value of option $1, begun as $2; fails if it takes none.\n"
    "_lattice_value()\n"
    "{\n"
    "    local kind\n"
    "    kind=$(_lattice_argument \"$1\") || return 1\n"
    "    case $kind in\n"
    "    FILE) _lattice_files \"$2\" ;;\n"
    "    DIR) _lattice_folders \"$2\" ;;\n"
    "    *) _lattice_words \"$2\" \"$kind\" ;;\n"
    "    esac\n"
    "}\n"
    "\n"
    "_lattice()\n"
    "{\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - "
    "1]}\n"
    "    local command='' n=0 i word\n"
    "    COMPREPLY=()\n"
    "    if [ \"$cur\" = = ]; then\n"
    "        cur=''\n"
    "    elif [ \"$prev\" = = ] && [ \"$COMP_CWORD\" -gt 1 ]; then\n"
    "        prev=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    fi\n"
    "    [[ ${1##*/} != lattice-node ]] || command=lattice-node\n"
    "    # The command, and how many arguments stand before the cursor.\n"
    "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
    "        word=${COMP_WORDS[i]}\n"
    "        case $word in\n"
    "        -?*)\n"
    "            if _lattice_argument \"$word\" >/dev/null; then\n"
    "                i=$((i + 1))\n"
    "                [ \"${COMP_WORDS[i]}\" != = ] || i=$((i + 1))\n"
    "            fi\n"
    "            ;;\n"
    "        *)\n"
    "            if [ -z \"$command\" ]; then\n"
    "                command=run\n"
    "                if _lattice_options \"$word\" >/dev/null; then\n"
    "                    command=$word\n"
    "                    continue\n"
    "                fi\n"
    "            fi\n"
    "            n=$((n + 1))\n"
    "            ;;\n"
    "        esac\n"
    "    done\n"
    "    ! _lattice_value \"$prev\" \"$cur\" || return 0\n"
    "    case $command:$n:$cur in\n"
    "    *:*:-*) _lattice_words \"$cur\" \"$(_lattice_options "
    "\"${command:-run}\")\" "
    ";;\n"
    "    :*) # a command, or a session\n"
    "        _lattice_sessions \"$cur\"\n"
    "        local sessions=(\"${COMPREPLY[@]}\")\n"
    "        _lattice_words \"$cur\" \"$_lattice_commands\"\n"
    "        COMPREPLY+=(\"${sessions[@]}\")\n"
    "        ;;\n"
    "    run:0:* | render:0:* | check:* | graph:0:*) _lattice_sessions "
    "\"$cur\" "
    ";;\n"
    "    render:1:*) _lattice_files \"$cur\" ;;\n"
    "    nodes:0:* | lattice-node:0:*) _lattice_types \"$cur\" \"$1\" ;;\n"
    "    help:0:*) _lattice_words \"$cur\" \"$_lattice_commands lattice-node\" "
    ";;\n"
    "    esac\n"
    "}\n"
    "\n"
    "complete -F _lattice lattice lattice-node\n";

struct printer {
    char command[32]; ///< whose list is open
    bool has_argument;
};

static void
print_name(void *data, const struct lat_option_info *info)
{
    (void)data;
    if (!info->option && strcmp(info->command, "lattice-node") != 0) {
        printf(" %s", info->command);
    }
}

static void
print_options(void *data, const struct lat_option_info *info)
{
    struct printer *const p = data;
    if (!info->option) {
        printf("%s    %s) echo '", *p->command ? "' ;;\n" : "", info->command);
        snprintf(p->command, sizeof(p->command), "%s", info->command);
    } else {
        printf(" --%s", info->option);
    }
}

/// An option means the same in every command that has it.
static bool
is_first(const struct lat_option_info *info)
{
    return info->option && info->argument && info->is_first;
}

static void
print_argument(void *data, const struct lat_option_info *info)
{
    (void)data;
    if (!is_first(info)) {
        return;
    }
    const bool is_path = strcmp(info->argument, "FILE") == 0 ||
                         strcmp(info->argument, "DIR") == 0;
    printf("    --%s) echo '%s' ;;\n", info->option,
           is_path       ? info->argument
           : info->words ? info->words
                         : "");
}

void
lat_cli_print_completion(void)
{
    struct printer p = {.command = ""};
    fputs(head, stdout);
    fputs("_lattice_commands='", stdout);
    lat_options_each(print_name, NULL);
    fputs(
        "'\n\n# The options of a command; fails if there is none of that name."
        "\n_lattice_options()\n{\n    case $1 in\n",
        stdout);
    lat_options_each(print_options, &p);
    fputs("' ;;\n    *) return 1 ;;\n    esac\n}\n\n"
          "# What an option takes: FILE, DIR, words, or something else; fails "
          "if it takes\n# nothing.\n_lattice_argument()\n{\n    case $1 in\n",
          stdout);
    lat_options_each(print_argument, NULL);
    fputs("    *) return 1 ;;\n    esac\n}\n\n", stdout);
    fputs(helpers, stdout);
    fputs(body, stdout);
}
