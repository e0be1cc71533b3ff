// compare: what does each mechanism isolate, and what not? Measured here.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/error.hpp"
#include "common/exec.hpp"
#include "common/files.hpp"
#include "common/numbers.hpp"
#include "common/program.hpp"
#include "common/text.hpp"
#include "compare/judge.hpp"
#include "compare/machine.hpp"
#include "compare/matrix.hpp"
#include "compare/page.hpp"
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
               "measure these only, by name or kind: step, engine, reference, "
               "only, without, oci",
               [&](auto& text) { options.columns = split(text, ','); });
    line.values(
        "--subject", "NAME=COMMAND",
        "measure one more: 'prog {rootfs} {probe}'; also {bin}, "
        "{store}, {state}",
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

std::vector<Subject> chosen_subjects(const Options& options) {
    std::vector<Subject> all = all_subjects(), chosen;
    if (options.machine) all.push_back(machine_subject());
    all.insert(all.end(), options.added.begin(), options.added.end());
    auto is_wanted = [&](const Subject& subject) {
        auto listed = [&](const std::string& name) {
            return std::find(options.columns.begin(), options.columns.end(),
                             name) != options.columns.end();
        };
        // Without the host nothing can be told of the others.
        return options.columns.empty() || subject.ground == Ground::Host ||
               subject.ground == Ground::Machine || listed(subject.name) ||
               listed(subject.kind);
    };
    std::copy_if(all.begin(), all.end(), std::back_inserter(chosen), is_wanted);
    return chosen;
}

Matrix get_matrix(const Options& options) {
    constexpr std::size_t largest = 16 << 20;
    if (!options.from.empty())
        return from_json(read_file(options.from, largest));
    Request request{chosen_subjects(options),
                    options.rounds,
                    options.bin,
                    options.probe,
                    options.kernel,
                    {}};
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
    Matrix matrix = measure(request);
    if (live) std::fputs("\r\033[K", stderr);
    return matrix;
}

std::string shown(const Matrix& matrix, const Options& options,
                  const std::vector<std::string>& words) {
    if (options.diff) {
        if (words.size() != 2)
            throw Error(ErrorKind::InvalidArgument, "--diff takes two columns")
                .advise("as in: compare --from FILE --diff 2 3");
        return difference(matrix, words[0], words[1], options.style);
    }
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
        Matrix matrix = get_matrix(options);
        if (!options.save.empty())
            write_file_atomic(options.save, to_json(matrix));
        if (!options.html.empty())
            write_file_atomic(options.html, page(matrix));
        std::fputs(shown(matrix, options, words).c_str(), stdout);
        return 0;
    });
}
