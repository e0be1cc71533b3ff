// export, diff, commit, and cp of a tar: a container's files.
#include "06-engine/cli/verbs_tree.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

#include "04-images/diff_layer.hpp"
#include "04-images/layer_changes.hpp"
#include "04-images/layer_snapshot.hpp"
#include "04-images/new_image.hpp"
#include "04-images/output_file.hpp"
#include "04-images/reference.hpp"
#include "04-images/unpack_layer.hpp"
#include "05-build/unpack_stream.hpp"
#include "06-engine/engine/container_copy.hpp"
#include "06-engine/engine/container_events.hpp"
#include "06-engine/engine/container_files.hpp"
#include "06-engine/engine/container_root.hpp"
#include "06-engine/engine/reading_pause.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/scope_guard.hpp"

namespace slipway {

namespace {

using Words = std::vector<std::string>;

int export_container(const Engine& engine, const std::string& path,
                     const std::string& name) {
    std::string id = find_container(engine, name);
    OutputFile output(path);
    UniqueFd tree = container_tree(engine, id);
    export_tree(cat("/proc/self/fd/", tree.get()), output.sink());
    output.finish();
    record_container_event(engine, read_container(engine, id), "export");
    return 0;
}

int diff(const Engine& engine, bool as_tar, const std::string& path,
         const std::string& name) {
    ContainerRecord record =
        read_container(engine, find_container(engine, name));
    ImageStore images(engine.root);
    restore_layers(images, record);
    OverlayPlan plan = container_overlay(engine, images.snapshots, record);
    if (as_tar) {
        OutputFile output(path);
        DiffOptions options;
        options.user_xattr = engine.user_xattr;
        diff_layer(plan.upper, output.sink(), options);
        output.finish();
        return 0;
    }
    std::string text = changes_text(layer_changes(plan.upper, plan.lower));
    std::fwrite(text.data(), 1, text.size(), stdout);
    return 0;
}

struct CommitOptions {
    NewImage image;
    bool pause = true;
};

int commit(const Engine& engine, CommitOptions& options, const Words& words) {
    if (words.empty() || words.size() > 2)
        throw Error(ErrorKind::InvalidArgument,
                    "commit takes one or two words: CONTAINER [NAME[:TAG]]");
    std::string id = find_container(engine, words[0]);
    if (words.size() == 2) {
        Reference name = parse_reference(words[1]);
        if (name.digest)
            throw Error(
                ErrorKind::InvalidArgument,
                cat(quote(words[1]), ": a digest cannot be given away"));
        options.image.name = name.text();
    }
    set_time(options.image);
    ImageStore images(engine.root);
    ContainerRecord record = read_container(engine, id);
    // By its manifest: the image may have lost its name.
    Container container{
        record.name,
        engine.folder_of(id),
        read_image(images.content, Digest::parse(record.image_manifest),
                   record.image),
        {},
        {}};
    container.image.config.config = record.config;
    restore_snapshots(images, container.image.layers());
    for (const Digest& layer : record.layers)
        container.layers.push_back(images.snapshots.use(layer));
    // Nothing changes while it is read, as with docker commit.
    std::optional<ReadingPause> pause;
    if (options.pause) try {
            pause.emplace(engine, id);
        } catch (const Error& error) {  // an ordinary user's, in no group
            if (error.kind() != ErrorKind::Unsupported) throw;
            engine.warn(cat("container ", record.name,
                            " goes on while it is read: ", error.message()));
        }
    StoredImage image = commit_container(images, container, options.image);
    std::puts(image.id().text().c_str());
    record_container_event(engine, record, "commit",
                           {{"imageID", image.id().text()}});
    return 0;
}

// A tar is unpacked beside, then copied as a folder is, and the other way
// round: one set of rules about links and owners, not two.
void copy_tar(const Engine& engine, const CopyRequest& request,
              const std::string& from, const std::string& to) {
    auto side = [&](const std::string& word) {
        std::size_t colon = word.find(':');
        if (colon == word.npos)
            throw Error(ErrorKind::InvalidArgument,
                        "with - the other side is CONTAINER:PATH");
        return container_side(engine,
                              find_container(engine, word.substr(0, colon)),
                              word.substr(colon + 1));
    };
    TempDir folder("cp");
    if (to == "-") {
        CopyRequest whole = request;
        whole.keep_owner = true;
        copy_between(side(from), host_side(folder.path() + "/"), whole);
        OutputFile output("-");
        export_tree(folder.path(), output.sink());
        output.finish();
        return;
    }
    find_container(engine, to.substr(0, to.find(':')));  // say so first
    std::string tree = folder.path() + "/tree";
    check(::mkdir(tree.c_str(), 0755), "create ", tree);
    unpack_layer(unpacked(file_source(STDIN_FILENO)), tree);
    CopyRequest whole = request;
    whole.keep_owner = true;
    // Not before all of it has come: who sends it may take long, and the side
    // of a container keeps it from being started.
    copy_between(host_side(tree + "/."), side(to), whole);
}

auto declare_output(const std::shared_ptr<std::string>& path) {
    return [path](CommandLine& line) {
        line.value("-o,--output", "FILE", "instead of standard output",
                   [path](auto& text) { *path = text; });
    };
}

}  // namespace

Verb export_container_verb(const EngineSettings& settings) {
    auto path = std::make_shared<std::string>();
    return {"export", "[-o FILE] CONTAINER",
            "Write a container's files as a tar", declare_output(path),
            [&settings, path](auto& words) {
                return export_container(settings.open(), *path,
                                        only_word(words, "CONTAINER"));
            }};
}

Verb diff_container_verb(const EngineSettings& settings) {
    auto path = std::make_shared<std::string>();
    auto as_tar = std::make_shared<bool>(false);
    return {"diff", "[--tar [-o FILE]] CONTAINER",
            "Show what a container has changed",
            [path, as_tar](CommandLine& line) {
                line.flag("--tar", "as the tar of a layer", *as_tar);
                declare_output(path)(line);
                line.footer("A was added, C changed, D deleted.");
            },
            [&settings, path, as_tar](auto& words) {
                return diff(settings.open(), *as_tar, *path,
                            only_word(words, "CONTAINER"));
            }};
}

Verb commit_container_verb(const EngineSettings& settings) {
    auto options = std::make_shared<CommitOptions>();
    return {"commit", "[OPTION...] CONTAINER [NAME[:TAG]]",
            "Make an image of what a container has changed",
            [options](CommandLine& line) {
                NewImage& image = options->image;
                line.values("-c,--change", "INSTRUCTION",
                            "'CMD [\"sh\"]', 'ENV A=1', 'USER nobody' ...",
                            [&](auto& text) { image.changes.push_back(text); });
                line.value("-m,--message", "TEXT", "goes into the history",
                           [&](auto& text) { image.message = text; });
                line.value("-a,--author", "NAME", "who made it",
                           [&](auto& text) { image.author = text; });
                line.value(
                    "-p,--pause", "true|false",
                    "its processes stand still meanwhile (true)",
                    [=](auto& text) { options->pause = text != "false"; });
            },
            [&settings, options](auto& words) {
                return commit(settings.open(), *options, words);
            }};
}

Verb copy_tar_verb(const EngineSettings& settings) {
    auto request = std::make_shared<CopyRequest>();
    auto quiet = std::make_shared<bool>(false);
    return {"cp", "[OPTION...] CONTAINER:PATH - | - CONTAINER:PATH",
            "Copy a tar out of a container or into it",
            [=](CommandLine& line) {
                line.flag("-a,--archive", "keep owners", request->keep_owner);
                line.flag("-L,--follow-link", "copy what a link leads to",
                          request->follow_link);
                line.flag("-q,--quiet", "nothing is said anyway", *quiet);
            },
            [&settings, request](auto& words) {
                copy_tar(settings.open(), *request, words.at(0), words.at(1));
                return 0;
            }};
}

}  // namespace slipway
