// SPDX-License-Identifier: Apache-2.0
package dev.vmsieve.cli.manual;

import java.util.ArrayList;
import java.util.List;

import dev.vmsieve.cli.options.Command;
import dev.vmsieve.cli.options.Option;

/// What bash asks when TAB is pressed: options after a dash, the commands as the first word, directories and files where
/// one belongs, and nothing for numbers.
final class CompletionScript {
    /// Arguments that are no file's name, as the help names them.
    private static final List<String> NUMBERS = List.of("N", "LEVEL[,LEVEL...]", "SIZE", "PERCENT", "ORDER", "KB",
            "ADDRESS");
    private static final String SCRIPT = """
            # Completion of PROGRAM's command line for bash.
            _vmsieve() {
                local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} words=
                COMPREPLY=()
                # --option=argument comes as three words.
                if [[ $current == = ]]; then
                    current=
                elif [[ $previous == = ]]; then
                    previous=${COMP_WORDS[COMP_CWORD - 2]}
                fi
                case $previous in
                DIRECTORY_OPTIONS) compopt +o default -o dirnames; return ;;
                NUMBER_OPTIONS) compopt +o default; return ;;
                FILE_OPTIONS) return ;;
                esac
                case ${COMP_WORDS[1]} in
                doctor)
                    words='--json --root --help'
                    [[ $previous == --root ]] && compopt +o default -o dirnames && return
                    ;;
                demo) words=--help ;;
                *) words='ALL_OPTIONS' ;;
                esac
                if [[ $current == -* ]]; then
                    COMPREPLY=($(compgen -W "$words" -- "$current"))
                elif [[ $COMP_CWORD == 1 && ${COMP_WORDS[0]##*/} != makedumpfile ]]; then
                    COMPREPLY=($(compgen -W 'COMMANDS' -- "$current"))
                    if [[ ${#COMPREPLY[@]} != 0 ]]; then
                        compopt -o filenames
                        mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$current")
                    fi
                fi
            }
            complete -o default -F _vmsieve PROGRAM
            # Where makedumpfile is a link to it.
            if [[ $(readlink -f -- "$(type -P makedumpfile)") == */vmsieve ]]; then
                complete -o default -F _vmsieve makedumpfile
            fi
            """;

    private CompletionScript() {}

    /// The script.
    ///
    /// @param program the name it is called by
    static String text(String program) {
        List<String> all = new ArrayList<>();
        List<String> directories = new ArrayList<>();
        List<String> numbers = new ArrayList<>();
        List<String> files = new ArrayList<>();
        for (Option option : Option.values()) {
            if (!option.supported()) {
                continue;
            }
            all.addAll(option.names());
            if (option.argument().equals("DIR")) {
                directories.addAll(option.names());
            } else if (NUMBERS.contains(option.argument())) {
                numbers.addAll(option.names());
            } else if (option.takesArgument()) {
                files.addAll(option.names());
            }
        }
        List<String> commands = new ArrayList<>();
        for (Command command : Command.values()) {
            commands.add(command.word());
        }
        return SCRIPT.replace("DIRECTORY_OPTIONS", String.join(" | ", directories))
                .replace("NUMBER_OPTIONS", String.join(" | ", numbers))
                .replace("FILE_OPTIONS", String.join(" | ", files)).replace("ALL_OPTIONS", String.join(" ", all))
                .replace("COMMANDS", String.join(" ", commands)).replace("PROGRAM", program);
    }
}
