// tag, rmi, prune, fsck: changing the store without the network.
#include <algorithm>
#include <cstdio>
#include <memory>

#include <nlohmann/json.hpp>

#include "04-images/fsck.hpp"
#include "04-images/prune.hpp"
#include "04-images/reference.hpp"
#include "04-images/verbs.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

int tag(ImageStore store, const std::vector<std::string>& words) {
    if (words.size() != 2)
        throw Error(ErrorKind::InvalidArgument,
                    "tag takes two words: IMAGE and NAME[:TAG]");
    StoreLease lease = hold_store(store.content);
    NamedImage image = find_stored_image(store.content, words[0]).name;
    Reference name = parse_reference(words[1]);
    if (name.digest)
        throw Error(ErrorKind::InvalidArgument,
                    cat(quote(words[1]), ": a digest cannot be given away"))
            .advise("write NAME:TAG");
    image.name = name.text();
    set_images(lease, {image});
    return 0;
}

// The names that a word means: itself, or all names of the image with that ID.
std::vector<std::string> names_to_remove(const ContentStore& store,
                                         const std::string& word, bool force) {
    if (auto named = find_by_name(store, word)) return {named->name};
    StoredImage image = find_stored_image(store, word);
    std::vector<std::string> names;
    for (const NamedImage& named : list_images(store)) try {
            if (read_image(store, named).id() == image.id())
                names.push_back(named.name);
        } catch (const Error&) {
            // A damaged one goes by its name only.
        }
    if (names.size() > 1 && !force)
        throw Error(ErrorKind::Conflict,
                    cat(quote(word), " has several names: ", join(names, ", ")))
            .advise("remove them by name, or all with --force");
    return names;
}

void print_deleted(const Pruned& pruned) {
    for (const Digest& digest : pruned.content.blobs)
        std::printf("Deleted: %s\n", digest.text().c_str());
    for (const Digest& digest : pruned.snapshots)
        std::printf("Deleted: %s\n", digest.text().c_str());
}

}  // namespace

void remove_stored_images(ImageStore& store,
                          const std::vector<std::string>& words, bool force) {
    std::vector<std::string> names;
    for (const std::string& word : words)
        for (std::string& name : names_to_remove(store.content, word, force))
            names.push_back(std::move(name));
    for (const std::string& name : remove_images(store.content, names))
        std::printf("Untagged: %s\n", parse_reference(name).familiar().c_str());
    // While somebody pulls, what is left over waits for the next prune.
    if (auto pruned = prune_store(store, Wait::No)) print_deleted(*pruned);
}

namespace {

int prune(ImageStore store, bool json) {
    Pruned pruned = *prune_store(store, Wait::Yes);
    if (json) {
        nlohmann::ordered_json object;
        object["Deleted"] = nlohmann::ordered_json::array();
        for (const Digest& digest : pruned.content.blobs)
            object["Deleted"].push_back(digest.text());
        for (const Digest& digest : pruned.snapshots)
            object["Deleted"].push_back(digest.text());
        object["SpaceReclaimed"] = pruned.bytes;
        std::printf("%s\n", object.dump().c_str());
        return 0;
    }
    print_deleted(pruned);
    std::printf("Total reclaimed space: %s\n",
                format_size(pruned.bytes).c_str());
    return 0;
}

int fsck(ImageStore store, bool repair) {
    auto findings =
        check_store(store.content, repair ? Repair::MoveBadBlobs : Repair::No);
    for (const NamedImage& named : list_images(store.content)) {
        try {
            for (const ImageLayer& layer :
                 read_image(store.content, named).layers())
                if (!store.snapshots.has(layer.diff_id))
                    std::printf(
                        "%s: layer %s is not unpacked (who needs it does it)\n",
                        named.name.c_str(), layer.diff_id.text().c_str());
        } catch (const Error&) {
            // check_store() has said it
        }
    }
    for (const StoreFinding& finding : findings)
        std::printf("%s: %s%s\n", finding.object.c_str(),
                    finding.problem.c_str(),
                    finding.moved ? " (put aside: pull the image again)" : "");
    if (findings.empty()) {
        std::puts("all is well");
        return 0;
    }
    return 1;
}

}  // namespace

Verb tag_verb(const Settings& settings) {
    return {
        "tag", "IMAGE NAME[:TAG]", "Give an image another name.",
        [](CommandLine&) {},
        [&settings](auto& words) { return tag(settings.open_store(), words); }};
}

Verb rmi_verb(const Settings& settings) {
    auto force = std::make_shared<bool>(false);
    return {"rmi", "[--force] IMAGE...", "Remove images.",
            [force](CommandLine& line) {
                line.flag("-f,--force", "by ID: all names of the image",
                          *force);
            },
            [&settings, force](auto& words) {
                if (words.empty()) only_word(words, "IMAGE");
                ImageStore store = settings.open_store();
                remove_stored_images(store, words, *force);
                return 0;
            }};
}

Verb prune_verb(const Settings& settings) {
    auto json = std::make_shared<bool>(false);
    return {"prune", "[--json]", "Remove what no image needs.",
            [json](CommandLine& line) {
                line.flag("--json", "one object, for programs", *json);
            },
            [&settings, json](auto&) {
                return prune(settings.open_store(), *json);
            }};
}

Verb fsck_verb(const Settings& settings) {
    auto repair = std::make_shared<bool>(false);
    return {"fsck", "[--repair]", "Check every byte of the store.",
            [repair](CommandLine& line) {
                line.flag("--repair", "put bad blobs aside, to be pulled again",
                          *repair);
                line.footer("The exit status is 1 when something is wrong.");
            },
            [&settings, repair](auto&) {
                return fsck(settings.open_store(), *repair);
            }};
}

}  // namespace slipway
