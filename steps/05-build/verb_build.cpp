// build: the verb.
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "04-images/push.hpp"
#include "04-images/reference.hpp"
#include "05-build/build_options.hpp"
#include "05-build/build_output.hpp"
#include "05-build/build_printer.hpp"
#include "05-build/builder.hpp"
#include "05-build/cache_exchange.hpp"
#include "05-build/lint.hpp"
#include "05-build/stat_index.hpp"
#include "05-build/verbs.hpp"
#include "05-build/work_folder.hpp"
#include "common/error.hpp"
#include "common/exec.hpp"
#include "common/files.hpp"
#include "common/terminal_safe.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

volatile int cancel_file = -1;

void give_up(int) {
    ::eventfd_write(cancel_file, 1);
}

// The first Ctrl-C ends the build in good order, the second one at once.
UniqueFd listen_for_end() {
    UniqueFd event(check(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd"));
    cancel_file = event.get();
    struct sigaction action {};
    action.sa_handler = give_up;
    action.sa_flags = static_cast<int>(SA_RESTART | SA_RESETHAND);
    for (int signal : {SIGINT, SIGTERM, SIGHUP})
        check(::sigaction(signal, &action, nullptr), "sigaction");
    return event;
}

struct Prepared {
    WorkFolder scratch;
    BuildContext context;
    Dockerfile dockerfile;
    std::unique_ptr<StatIndex> index;
};

Prepared prepare(ImageStore& store, const BuildOptions& options,
                 const std::string& path) {
    WorkFolder scratch(store.root);
    ContextRequest request;
    request.context = path;
    request.dockerfile = options.dockerfile;
    request.scratch = scratch.make("context");
    request.input = file_source(STDIN_FILENO);
    BuildContext context = open_context(std::move(request));
    Dockerfile dockerfile =
        parse_dockerfile({context.dockerfile_name, context.dockerfile});
    return {std::move(scratch), std::move(context), std::move(dockerfile), {}};
}

// What is known of the files of this context, from the builds before.
void use_index(ImageStore& store, Prepared& prepared) {
    std::string folder = store.root + "/build/index";
    std::filesystem::create_directories(folder);
    prepared.index = std::make_unique<StatIndex>(
        stat_index_file(folder, prepared.context.tree.root.get()));
    prepared.context.tree.index = prepared.index.get();
}

std::vector<LintWarning> warnings_of(const Prepared& prepared,
                                     const BuildOptions& options) {
    LintInput input{prepared.dockerfile, options.plan.args,
                    options.plan.target};
    input.is_ignored = [&](const std::string& path) {
        return prepared.context.tree.ignore.ignores(path);
    };
    return lint(input);
}

std::string warning_text(const Dockerfile& dockerfile,
                         const LintWarning& warning) {
    return cat("WARNING: ", warning.rule, ": ", warning.message, " (",
               dockerfile.source.name, ":",
               position_of(dockerfile.source, warning.where.begin).line, ")");
}

int check_only(const Dockerfile& dockerfile,
               const std::vector<LintWarning>& warnings) {
    if (warnings.empty()) {
        std::puts("Check complete, no warnings found.");
        return 0;
    }
    for (const LintWarning& warning : warnings)
        std::printf("%s\n%s\n", warning_text(dockerfile, warning).c_str(),
                    show_range(dockerfile.source, warning.where).c_str());
    std::printf("Check complete, %zu warning%s found.\n", warnings.size(),
                warnings.size() == 1 ? "" : "s");
    return 1;
}

//@ begin verify-build
// Once more, with nothing from the cache: what differs depends on the clock, on
// luck or on the network.
void verify(ImageStore& store, const Prepared& prepared,
            const BuildOptions& options, const BuiltImage& first,
            BuildContext& context) {
    BuildPlan plan = options.plan;
    plan.no_cache = true;
    BuiltImage second =
        build_image(store, prepared.dockerfile, context, plan, options.names);
    if (first.image.digest == second.image.digest) return;
    std::string where = "its config";
    for (std::size_t i = 0; i < first.layers.size(); ++i)
        if (first.layers[i].diff_id != second.layers.at(i).diff_id) {
            where = cat("layer ", i + 1);
            break;
        }
    throw Error(ErrorKind::DataLoss,
                cat("built twice, it is two images: ", where,
                    " differs: ", first.image.digest.text(), " and ",
                    second.image.digest.text()))
        .advise("compare them: step4-images history --layers DIGEST");
}
//@ end verify-build

void push_names(ImageStore& store, const BuiltImage& built,
                const BuildOptions& options, BuildPrinter& printer) {
    PushPlan plan;
    plan.registry = options.plan.registry;
    StoredImage image = read_image(store.content, built.image);
    for (const std::string& name : options.names) {
        Reference target = parse_reference(name);
        with_context(cat("push ", target.familiar()), [&] {
            PushedImage pushed = push_image(store, image, target, plan);
            printer.note(
                cat("pushed ", target.familiar(), ": ", pushed.digest.text()));
        });
    }
}

// The state before the instruction that failed becomes an image for as long as
// somebody looks at it.
//@ begin debug-shell
[[noreturn]] void look_around(const std::string& root,
                              const std::string& image) {
    std::string program = program_beside("step4-images");
    std::fprintf(stderr, "a shell in the state before it (exit ends it):\n");
    ::execl(program.c_str(), "step4-images", "--root", root.c_str(), "run",
            ::isatty(STDIN_FILENO) != 0 ? "--tty" : "--interactive",
            "--entrypoint", "", image.c_str(), "/bin/sh", nullptr);
    throw_errno(errno, cat("start ", program));
}
//@ end debug-shell

BuiltImage build_all(ImageStore& store, Prepared& prepared,
                     BuildOptions& options, BuildPrinter& printer) {
    for (const CacheExchange& from : options.cache_from)
        if (!import_cache(store, from, options.plan))
            printer.note(
                cat("there is no build cache at ", from.place, " yet"));
    BuiltImage built = build_image(store, prepared.dockerfile, prepared.context,
                                   options.plan, options.names);
    if (prepared.index) prepared.index->save();
    if (options.verify)
        verify(store, prepared, options, built, prepared.context);
    for (const BuildOutput& output : options.outputs)
        write_output(store, built, output);
    for (const CacheExchange& to : options.cache_to)
        export_cache(store, to, built.cache_keys, options.plan);
    if (options.push) push_names(store, built, options, printer);
    write_notes(built, options);
    return built;
}

void tell_result(const BuiltImage& built, const BuildOptions& options,
                 BuildPrinter& printer) {
    bool tar_on_stdout = false;
    for (const BuildOutput& output : options.outputs)
        tar_on_stdout = tar_on_stdout || output.dest == "-";
    if (options.quiet && !tar_on_stdout) std::puts(built.id.text().c_str());
    printer.note(cat("image ", built.id.text()));
    for (const std::string& name : options.names)
        printer.note(cat("named ", parse_reference(name).familiar()));
}

int build(ImageStore store, BuildOptions& options, const std::string& path) {
    finish_build_options(options);
    Prepared prepared = prepare(store, options, path);
    std::vector<LintWarning> warnings = warnings_of(prepared, options);
    if (options.check) return check_only(prepared.dockerfile, warnings);
    if (!prepared.context.folder.empty()) use_index(store, prepared);
    UniqueFd cancel = listen_for_end();
    BuildPrinter printer(stderr,
                         BuildPrinter::form_of(options.progress, stderr),
                         options.plan.explain_cache);
    options.plan.cancelled_fd = cancel.get();
    options.plan.keep_failed = options.debug_shell;
    options.plan.explain_cache = options.plan.explain_cache ||
                                 printer.form() == BuildPrinter::Form::Json;
    options.plan.executor =
        process_executor(program_beside(options.run_program));
    options.plan.progress = printer.sink();
    for (const LintWarning& warning : warnings)
        printer.note(warning_text(prepared.dockerfile, warning));
    refuse_warnings(prepared.dockerfile, warnings);
    for (const std::string& name :
         unused_args(prepared.dockerfile, options.plan))
        printer.note(cat("WARNING: --build-arg ", name, " is not used"));
    try {
        BuiltImage built = build_all(store, prepared, options, printer);
        tell_result(built, options, printer);
    } catch (const FailedStep& failed) {
        printer.finish();
        if (!options.debug_shell || failed.image().empty()) throw;
        std::fprintf(stderr, "%s\n", terminal_safe(failed.message()).c_str());
        look_around(store.root, failed.image());
    }
    return 0;
}

}  // namespace

Verb build_verb(const Settings& settings, const std::string& run_program,
                ExecNetwork network) {
    auto options = std::make_shared<BuildOptions>();
    options->run_program = run_program;
    options->plan.network = network;
    return {"build", "[OPTION...] PATH|URL|-",
            "Build an image from a Dockerfile.",
            [options](CommandLine& line) { declare_build(line, *options); },
            [&settings, options](auto& words) {
                return build(settings.open_store(), *options,
                             only_word(words, "PATH"));
            }};
}

}  // namespace slipway
