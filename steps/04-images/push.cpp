#include "04-images/push.hpp"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <memory>
#include <vector>

#include "04-images/image_index.hpp"
#include "04-images/image_parts.hpp"
#include "04-images/parallel.hpp"
#include "04-images/registry_push.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

using State = LayerProgress::State;

std::string document(const ContentStore& store, const Descriptor& descriptor) {
    return read_blob(store, descriptor.digest, largest_manifest);
}

// Where the registry has each blob already, as far as names of ours tell.
std::map<Digest, std::string> find_mounts(const ContentStore& store,
                                          const Reference& target) {
    std::map<Digest, std::string> places;
    for (const NamedImage& named : list_images(store)) {
        try {
            Reference from = parse_reference(named.name);
            if (from.registry != target.registry ||
                from.repository == target.repository)
                continue;
            for (const ImageLayer& layer : read_image(store, named).layers())
                places.emplace(layer.blob.digest, from.repository);
        } catch (const Error&) {
            // Another image's damage is no reason not to push this one.
        }
    }
    return places;
}

HttpBody body_of(const UniqueFd& file, std::uint64_t size) {
    return {size,
            [&file](std::uint64_t offset, char* buffer, std::size_t capacity) {
                ssize_t got = check(::pread(file.get(), buffer, capacity,
                                            static_cast<off_t>(offset)),
                                    "read blob");
                if (got == 0)
                    throw Error(ErrorKind::DataLoss, "the blob became shorter");
                return static_cast<std::size_t>(got);
            }};
}

void push_one(const ContentStore& store, Repository& repository,
              const Descriptor& blob, const std::string& mount_from,
              const PushPlan& plan, const std::atomic<bool>& stop) {
    auto tell = [&](State state, std::uint64_t sent = 0) {
        if (stop) throw Error(ErrorKind::Cancelled, "another layer failed");
        if (plan.progress) plan.progress({blob.digest, state, sent, blob.size});
    };
    UniqueFd file = open_blob(store, blob.digest);
    tell(State::Uploading);
    Pushed how = push_blob(repository, blob.digest, body_of(file, blob.size),
                           {plan.chunk, mount_from, [&](std::uint64_t sent) {
                                tell(State::Uploading, sent);
                            }});
    tell(how == Pushed::Mounted        ? State::Mounted
         : how == Pushed::AlreadyThere ? State::Present
                                       : State::Uploaded);
}

void push_blobs(const ContentStore& store, const ImageParts& parts,
                const Reference& target, const PushPlan& plan,
                const Repository& registry) {
    const std::map<Digest, std::string> mounts = find_mounts(store, target);
    std::vector<std::unique_ptr<Repository>> repositories(plan.threads);
    run_parallel(parts.blobs.size(), plan.threads, [&](const Job& job) {
        auto& repository = repositories[job.worker];
        if (!repository) repository = registry.another();
        const Descriptor& blob = parts.blobs[job.index];
        with_context(cat("blob ", blob.digest.text()), [&] {
            auto mount = mounts.find(blob.digest);
            push_one(store, *repository, blob,
                     mount == mounts.end() ? "" : mount->second, plan,
                     job.stop);
        });
    });
}

}  // namespace

PushedImage push_image(const ImageStore& store, const StoredImage& image,
                       const Reference& target, const PushPlan& plan) {
    if (target.digest)
        throw Error(ErrorKind::InvalidArgument,
                    cat("push ", target.text(),
                        ": a digest is no name to push "
                        "to"))
            .advise("give it a tag: tag IMAGE NAME:TAG");
    StoreLease lease = hold_store(store.content);
    ImageParts parts = parts_of(store.content, image);
    Repository repository(target, plan.registry);
    repository.origin();  // who it is is asked once, not by each thread
    push_blobs(store.content, parts, target, plan, repository);
    for (const Descriptor& manifest : parts.manifests)
        put_manifest(repository, manifest.digest.text(), manifest.media_type,
                     document(store.content, manifest));
    Digest digest = put_manifest(repository, target.tag, parts.root.media_type,
                                 document(store.content, parts.root));
    return {digest, parts.root.size, parts.is_part};
}

}  // namespace slipway
