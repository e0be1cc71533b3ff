// compare: what does each mechanism isolate, and what not? Measured here.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/error.hpp"
#include "common/exec.hpp"
#include "common/files.hpp"
#include "common/numbers.hpp"
#include "common/program.hpp"
#include "common/scope_guard.hpp"
#include "common/text.hpp"
#include "compare/judge.hpp"
#include "compare/machine.hpp"
#include "compare/matrix.hpp"
#include "compare/page.hpp"
#include "compare/rows.hpp"
#include "compare/show.hpp"
#include "compare/subjects.hpp"

using namespace slipway;
using namespace slipway::compare;

namespace {

struct Options {
    std::string from, save, html, bin, probe, kernel;
    std::vector<std::string> columns;
    std::vector<Subject> added;
    int rounds = 5;
    bool json = false, md = false, diff = false, quiet = false, machine = false;
    Style style;
};

void declare_options(CommandLine& line, Options& options) {
    line.value("--columns", "NAME,...",
               "these only, by name or kind: step, engine, reference, only, "
               "without, yours",
               [&](auto& text) { options.columns = split(text, ','); });
    line.values(
        "--subject", "NAME=COMMAND",
        "measure one more: 'prog {rootfs} {probe}', words without quotes; "
        "also {bin}, {store}, {state}",
        [&](auto& text) { options.added.push_back(parse_subject(text)); });
    line.flag("--vm", "measure a virtual machine, too: the same root in QEMU",
              options.machine);
    line.value("--kernel", "FILE", "what it boots (the newest of /boot)",
               [&](auto& text) { options.kernel = text; });
    line.value("--rounds", "N", "how many starts are timed (5)",
               [&](auto& text) {
                   constexpr std::uint64_t most = 1000;
                   auto number = parse_unsigned(text, most);
                   if (!number)
                       throw Error(ErrorKind::InvalidArgument,
                                   cat("--rounds ", quote(text)));
                   options.rounds = static_cast<int>(*number);
               });
    line.value("--from", "FILE", "show what was saved there, measure nothing",
               [&](auto& text) { options.from = text; });
    line.value("--save", "FILE", "keep what is measured, as JSON",
               [&](auto& text) { options.save = text; });
    line.value("--html", "FILE", "write it as a page to look at",
               [&](auto& text) { options.html = text; });
    line.flag("--json", "print JSON", options.json);
    line.flag("--md", "print Markdown", options.md);
    line.flag("--diff", "print the rows in which two columns differ",
              options.diff);
    line.flag("--changed", "only rows in which the columns differ",
              options.style.changed_only);
    line.flag("--all", "also show the columns with a mechanism more or less",
              options.style.all_columns);
    line.flag("-q,--quiet", "do not say what is being done", options.quiet);
    line.value("--bin", "DIR", "where the programs are (beside this one)",
               [&](auto& text) { options.bin = text; });
    line.value("--probe", "FILE", "another probe",
               [&](auto& text) { options.probe = text; });
    line.footer(
        "ROW: what was seen in each column, and what closes the row.\n"
        "Colours are left out when NO_COLOR is set.\n\n"
        "Examples:\n"
        "  compare --save matrix.json --html matrix.html\n"
        "  compare --from matrix.json K8\n"
        "  compare --from matrix.json --diff 2 3");
}

std::vector<Subject> known_subjects(const Options& options) {
    std::vector<Subject> all = all_subjects();
    if (options.machine) all.push_back(machine_subject());
    for (const Subject& added : options.added) {
        for (const Subject& known : all)
            if (known.name == added.name)
                throw Error(ErrorKind::InvalidArgument,
                            cat("subject ", quote(added.name),
                                ": there is a column of this name"))
                    .advise("give it another one");
        all.push_back(added);
    }
    return all;
}

// Of subjects that are to be measured, or of columns that were: those that were
// asked for. Without the host nothing can be told of the others.
template <typename Named>
std::vector<Named> chosen(const std::vector<Named>& all,
                          const std::vector<std::string>& asked) {
    std::vector<std::string> names;
    std::set<std::string> wanted(asked.begin(), asked.end());
    std::vector<Named> found;
    for (const Named& one : all) {
        bool always = asked.empty() || one.kind == "host" ||
                      one.kind == "machine" || one.kind == "yours";
        if (always || wanted.contains(one.name) || wanted.contains(one.kind))
            found.push_back(one);
        names.insert(names.end(), {one.name, one.kind});
    }
    for (const std::string& name : asked)
        if (std::find(names.begin(), names.end(), name) == names.end()) {
            std::string meant = nearest(name, names);
            throw Error(ErrorKind::NotFound, cat("no column ", quote(name)))
                .advise(meant.empty() ? "compare --all shows all columns"
                                      : cat("did you mean ", meant, "?"));
        }
    return found;
}

Matrix get_matrix(const Options& options,
                  const std::vector<std::string>& words) {
    constexpr std::size_t largest = 16 << 20;
    if (!options.from.empty()) {
        Matrix matrix = from_json(read_file(options.from, largest));
        matrix.columns = chosen(matrix.columns, options.columns);
        return matrix;
    }
    Request request{chosen(known_subjects(options), options.columns),
                    options.rounds,
                    options.bin,
                    options.probe,
                    options.kernel,
                    {}};
    if (options.diff) chosen(request.subjects, words);  // or it throws now
    std::string self = std::filesystem::read_symlink("/proc/self/exe");
    if (request.bin.empty())
        request.bin = std::filesystem::path(self).parent_path();
    if (request.probe.empty()) request.probe = request.bin + "/compare-probe";
    request.bin = std::filesystem::absolute(request.bin);
    request.probe = std::filesystem::absolute(request.probe);
    if (!request.kernel.empty())
        request.kernel = std::filesystem::absolute(request.kernel);
    bool live = !options.quiet && ::isatty(STDERR_FILENO) != 0;
    request.progress = [live](const std::string& what) {
        if (live) std::fprintf(stderr, "\r\033[Kcompare: %s", what.c_str());
    };
    ScopeGuard clear([&] {
        if (live) std::fputs("\r\033[K", stderr);
    });
    return measure(request);
}

// Before a minute of measuring: will there be a place for what is found?
void check_place(const std::string& file) {
    if (file.empty()) return;
    std::filesystem::path path = std::filesystem::absolute(file);
    // It would be replaced: /dev/null, for one.
    if (std::filesystem::exists(path) &&
        !std::filesystem::is_regular_file(path))
        throw Error(ErrorKind::InvalidArgument,
                    cat("write ", file, ": it is no file"));
    check(::access(path.parent_path().c_str(), W_OK), "write ", file);
}

void check_request(const Options& options,
                   const std::vector<std::string>& words) {
    if (int(options.json) + int(options.md) + int(options.diff) > 1 ||
        (!words.empty() && (options.json || options.md)))
        throw Error(ErrorKind::InvalidArgument,
                    "one of --json, --md, --diff and ROW at a time")
            .advise("measure with --save FILE, then show it with --from FILE");
    if (options.diff && words.size() != 2)
        throw Error(ErrorKind::InvalidArgument, "--diff takes two columns")
            .advise("as in: compare --from FILE --diff 2 3");
    if (!options.diff)
        for (const std::string& word : words) row_named(word);
    check_place(options.save);
    check_place(options.html);
}

std::string shown(const Matrix& matrix, const Options& options,
                  const std::vector<std::string>& words) {
    if (options.diff)
        return difference(matrix, words[0], words[1], options.style);
    if (!words.empty()) {
        std::string text;
        for (const std::string& word : words)
            text += (text.empty() ? "" : "\n") +
                    explain_row(matrix, word, options.style);
        return text;
    }
    if (options.json) return to_json(matrix);
    if (options.md) return markdown(matrix);
    return table(matrix, options.style) + ablation(matrix) + cost_table(matrix);
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    options.style.color =
        ::isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
    CommandLine line("compare", "[OPTION...] [ROW...]",
                     "Measure what each mechanism isolates, and what not.");
    declare_options(line, options);
    return run_program(line, argc, argv, [&](auto& words) {
        check_request(options, words);
        Matrix matrix = get_matrix(options, words);
        if (!options.save.empty())
            write_file_atomic(options.save, to_json(matrix));
        if (!options.html.empty())
            write_file_atomic(options.html, page(matrix));
        write_all(STDOUT_FILENO, shown(matrix, options, words));
        return 0;
    });
}
