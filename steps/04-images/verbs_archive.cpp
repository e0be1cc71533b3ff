// save, load, import, export, diff, commit: images and trees as tars.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

#include "04-images/archive_load.hpp"
#include "04-images/archive_save.hpp"
#include "04-images/containers.hpp"
#include "04-images/diff_layer.hpp"
#include "04-images/layer_changes.hpp"
#include "04-images/layer_snapshot.hpp"
#include "04-images/new_image.hpp"
#include "04-images/output_file.hpp"
#include "04-images/progress_printer.hpp"
#include "04-images/reference.hpp"
#include "04-images/verbs.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/scope_guard.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

/// A file, or standard input for "" and "-".
struct InputFile {
    UniqueFd file;
    ByteSource source;
};
InputFile open_input(const std::string& path) {
    InputFile input;
    if (!path.empty() && path != "-")
        input.file.reset(
            check(::open(path.c_str(), O_RDONLY | O_CLOEXEC), "open ", path));
    else if (::isatty(STDIN_FILENO) != 0)
        throw Error(ErrorKind::InvalidArgument,
                    "standard input is a terminal, not an archive")
            .advise("name a file with -i, or send one in with < or |");
    input.source = file_source(input.file ? input.file.get() : STDIN_FILENO);
    return input;
}

int save(ImageStore store, const std::string& path,
         const std::vector<std::string>& words) {
    if (words.empty()) only_word(words, "IMAGE");
    StoreLease lease = hold_store(store.content);
    std::vector<StoredImage> images;
    images.reserve(words.size());
    for (const std::string& word : words)
        images.push_back(find_stored_image(store.content, word));
    OutputFile output(path);
    save_images(lease, images, output.sink());
    output.finish();
    return 0;
}

int load(ImageStore store, const std::string& path, bool quiet) {
    InputFile input = open_input(path);
    StoreLease lease = hold_store(store.content);
    store.snapshots.sync(std::chrono::minutes(1));
    using Form = ProgressPrinter::Form;
    ProgressPrinter printer(
        stdout, quiet ? Form::Quiet : ProgressPrinter::form_for(stdout));
    ProgressSink tell = printer.sink();
    EarlyUnpack early(store.snapshots, unpack_options(store), tell);
    auto images = with_context(path.empty() ? "standard input" : path, [&] {
        return read_archive(lease, input.source, &early);
    });
    early.wait();
    auto later = [&](const LayerProgress& progress) {
        if (tell && !early.has_made(progress.layer)) tell(progress);
    };
    for (const NamedImage& named : images)
        unpack_image(lease, store.snapshots,
                     read_image(store.content, named).layers(),
                     {unpack_options(store), 4, later});
    set_images(lease, images);  // all of them, or none
    for (const NamedImage& named : images)
        if (named.is_unnamed())
            std::printf("Loaded image ID: %s\n", named.name.c_str());
        else
            std::printf("Loaded image: %s\n",
                        parse_reference(named.name).familiar().c_str());
    return 0;
}

std::string new_name(const std::vector<std::string>& words, std::size_t at) {
    if (words.size() <= at) return {};
    Reference reference = parse_reference(words[at]);
    if (reference.digest)
        throw Error(ErrorKind::InvalidArgument,
                    cat(quote(words[at]), ": a digest cannot be given away"));
    return reference.text();
}

void declare_new_image(CommandLine& line, NewImage& image) {
    line.values("-c,--change", "INSTRUCTION",
                "'CMD [\"sh\"]', 'ENV A=1', 'USER nobody' ...",
                [&](auto& text) { image.changes.push_back(text); });
    line.value("-m,--message", "TEXT", "goes into the history",
               [&](auto& text) { image.message = text; });
    line.value("--compress", "gzip|zstd|none", "how the layer is packed (gzip)",
               [&](auto& text) {
                   if (text == "none")
                       image.compression = Compression::None;
                   else if (text == "zstd")
                       image.compression = Compression::Zstd;
                   else if (text != "gzip")
                       throw Error(ErrorKind::InvalidArgument,
                                   cat("--compress ", quote(text)))
                           .advise("there are gzip, zstd and none");
               });
}

int import(ImageStore store, NewImage& plan,
           const std::vector<std::string>& words) {
    if (words.empty() || words.size() > 2)
        throw Error(ErrorKind::InvalidArgument,
                    "import takes one or two words: FILE|- [NAME[:TAG]]");
    plan.name = new_name(words, 1);
    if (plan.message.empty()) plan.message = "Imported from " + words[0];
    set_time(plan);
    InputFile input = open_input(words[0]);
    StoredImage image = with_context(cat("import ", words[0]), [&] {
        return import_image(store, input.source, plan);
    });
    std::puts(image.id().text().c_str());
    return 0;
}

int commit(ImageStore store, NewImage& plan,
           const std::vector<std::string>& words) {
    if (words.empty() || words.size() > 2)
        throw Error(ErrorKind::InvalidArgument,
                    "commit takes one or two words: CONTAINER [NAME[:TAG]]");
    plan.name = new_name(words, 1);
    set_time(plan);
    Container container = open_container(store, words[0]);
    std::puts(commit_container(store, container, plan).id().text().c_str());
    return 0;
}

bool is_container(const ImageStore& store, const std::string& word) {
    for (const std::string& name : list_containers(store))
        if (name == word) return true;
    return false;
}

// The tree of a container, or of an image as a container would first see it.
int export_one(ImageStore store, const std::string& path,
               const std::string& word) {
    Container container =
        is_container(store, word)
            ? open_container(store, word)
            : create_container(store, find_stored_image(store.content, word),
                               "");
    bool is_temporary = container.name.empty();
    ScopeGuard undo([&] {
        try {
            if (is_temporary) remove_container(container);
        } catch (const Error&) {
            // prune removes it
        }
    });
    OutputFile output(path);
    {
        UniqueFd tree = make_overlay(container.overlay(store));
        export_tree(cat("/proc/self/fd/", tree.get()), output.sink());
    }
    output.finish();
    return 0;
}

int diff(ImageStore store, bool as_tar, const std::string& path,
         const std::string& name) {
    Container container = open_container(store, name);
    if (as_tar) {
        OutputFile output(path);
        NewImage time;
        set_time(time);
        DiffOptions options;
        options.user_xattr = store.user_xattr;
        if (time.is_reproducible) options.source_date_epoch = time.created;
        diff_layer(container.upper(), output.sink(), options);
        output.finish();
        return 0;
    }
    std::string text = changes_text(
        layer_changes(container.upper(), container.overlay(store).lower));
    std::fwrite(text.data(), 1, text.size(), stdout);
    return 0;
}

auto declare_output(const std::shared_ptr<std::string>& path) {
    return [path](CommandLine& line) {
        line.value("-o,--output", "FILE", "instead of standard output",
                   [path](auto& text) { *path = text; });
    };
}

}  // namespace

Verb save_verb(const Settings& settings) {
    auto path = std::make_shared<std::string>();
    return {"save", "[-o FILE] IMAGE...", "Write images into an archive.",
            declare_output(path), [&settings, path](auto& words) {
                return save(settings.open_store(), *path, words);
            }};
}

Verb unpack_verb(const Settings& settings) {
    return {"unpack", "DIGEST",
            "Unpack the layers of a manifest that are not unpacked.",
            [](CommandLine&) {},
            [&settings](auto& words) {
                ImageStore store = settings.open_store();
                Digest manifest = Digest::parse(only_word(words, "DIGEST"));
                restore_snapshots(store,
                                  read_image(store.content, manifest).layers());
                return 0;
            }};
}

Verb load_verb(const Settings& settings) {
    auto path = std::make_shared<std::string>();
    auto quiet = std::make_shared<bool>(false);
    return {"load", "[-i FILE]", "Read images from an archive.",
            [path, quiet](CommandLine& line) {
                line.value("-i,--input", "FILE", "instead of standard input",
                           [path](auto& text) { *path = text; });
                line.flag("-q,--quiet", "print the result only", *quiet);
            },
            [&settings, path, quiet](auto& words) {
                if (!words.empty())
                    throw Error(ErrorKind::InvalidArgument,
                                cat("what is ", quote(words[0]), "?"))
                        .advise("an archive is named with -i");
                return load(settings.open_store(), *path, *quiet);
            }};
}

Verb import_verb(const Settings& settings) {
    auto plan = std::make_shared<NewImage>();
    return {"import", "[OPTION...] FILE|- [NAME[:TAG]]",
            "Make an image of a root filesystem.",
            [plan](CommandLine& line) {
                declare_new_image(line, *plan);
                line.value("--platform", "OS/ARCH[/VARIANT]",
                           "for which machine (this one)", [plan](auto& text) {
                               plan->platform = parse_platform(text);
                           });
            },
            [&settings, plan](auto& words) {
                return import(settings.open_store(), *plan, words);
            }};
}

Verb export_verb(const Settings& settings) {
    auto path = std::make_shared<std::string>();
    return {"export", "[-o FILE] CONTAINER|IMAGE",
            "Write a root filesystem as a tar.", declare_output(path),
            [&settings, path](auto& words) {
                return export_one(settings.open_store(), *path,
                                  only_word(words, "CONTAINER or IMAGE"));
            }};
}

Verb diff_verb(const Settings& settings) {
    auto path = std::make_shared<std::string>();
    auto as_tar = std::make_shared<bool>(false);
    return {"diff", "[--tar [-o FILE]] CONTAINER", "What a container changed.",
            [path, as_tar](CommandLine& line) {
                line.flag("--tar", "as the tar of a layer", *as_tar);
                declare_output(path)(line);
                line.footer("A was added, C changed, D deleted.");
            },
            [&settings, path, as_tar](auto& words) {
                return diff(settings.open_store(), *as_tar, *path,
                            only_word(words, "CONTAINER"));
            }};
}

Verb commit_verb(const Settings& settings) {
    auto plan = std::make_shared<NewImage>();
    return {"commit", "[OPTION...] CONTAINER [NAME[:TAG]]",
            "Make an image of what a container changed.",
            [plan](CommandLine& line) {
                declare_new_image(line, *plan);
                line.value("-a,--author", "NAME", "who made it",
                           [plan](auto& text) { plan->author = text; });
            },
            [&settings, plan](auto& words) {
                return commit(settings.open_store(), *plan, words);
            }};
}

}  // namespace slipway
