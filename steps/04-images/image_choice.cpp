#include "04-images/image_choice.hpp"

#include <algorithm>

#include "04-images/blob_references.hpp"
#include "04-images/content_store.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"

namespace slipway {

namespace {

// Provenance and SBOMs, stored beside the image as images of no platform.
bool is_attestation(const Descriptor& entry) {
    return entry.annotations.contains("vnd.docker.reference.type") ||
           (entry.platform && entry.platform->os == "unknown");
}

struct Candidate {
    std::size_t rank;
    const Descriptor* entry;
};

/// One search: how many documents it may still fetch, and what it saw.
struct Search {
    const Platform& wanted;
    const FetchDocument& fetch;
    int documents_left = most_documents;
    std::vector<std::string> offered = {};
};

void add_offered(std::vector<std::string>& offered, const Index& index) {
    for (const Descriptor& entry : index.manifests) {
        if (is_attestation(entry) || !entry.platform) continue;
        std::string text = entry.platform->text();
        if (std::find(offered.begin(), offered.end(), text) == offered.end())
            offered.push_back(std::move(text));
    }
}

/// A hostile index offers thousands, with names of any length and bytes.
std::string list_offered(const std::vector<std::string>& offered) {
    constexpr std::size_t most = 30, longest = 60;
    std::vector<std::string> shown;
    for (const std::string& text : offered) {
        if (shown.size() == most) {
            shown.push_back("...");
            break;
        }
        std::string quoted = quote(text.substr(0, longest));
        bool plain = quoted.size() == text.size() + 2;
        shown.push_back(plain ? text : quoted);
    }
    return join(shown, ", ");
}

std::string fetch_checked(Search& search, const Descriptor& descriptor) {
    std::string subject = descriptor.digest.text();
    auto refuse = [&](ErrorKind kind, std::string_view why) {
        throw Error(kind, cat(subject, ": ", why))
            .advise("the fault is in the image or its registry");
    };
    if (descriptor.size > largest_manifest)
        refuse(ErrorKind::InvalidArgument,
               cat("a manifest of ", format_size(descriptor.size)));
    if (search.documents_left-- == 0)
        refuse(ErrorKind::InvalidArgument,
               cat("more than ", most_documents, " documents to look at"));
    std::string bytes = search.fetch(descriptor);
    if (bytes.size() != descriptor.size)
        refuse(ErrorKind::DataLoss, cat(bytes.size(), " bytes where ",
                                        descriptor.size, " are promised"));
    if (!(Digest::of(bytes) == descriptor.digest))
        refuse(ErrorKind::DataLoss, "the bytes have another digest");
    return bytes;
}

std::optional<ChosenImage> search_in(Search& search,
                                     const Descriptor& descriptor, int depth);

std::optional<ChosenImage> search_index(Search& search,
                                        const Descriptor& descriptor,
                                        int depth) {
    if (depth >= deepest_index)
        throw Error(ErrorKind::InvalidArgument,
                    cat("indexes nested more than ", deepest_index, " deep"))
            .advise("the fault is in the image");
    std::string bytes = fetch_checked(search, descriptor);
    Index index = with_context(descriptor.digest.text(), [&] {
        return parse_index(bytes, descriptor.media_type);
    });
    add_offered(search.offered, index);
    for (const Descriptor& entry : candidates(index, search.wanted))
        if (auto found = search_in(search, entry, depth + 1)) return found;
    return std::nullopt;
}

std::optional<ChosenImage> search_in(Search& search,
                                     const Descriptor& descriptor, int depth) {
    if (is_index_type(descriptor.media_type))
        return search_index(search, descriptor, depth);
    if (!is_manifest_type(descriptor.media_type))
        throw Error(ErrorKind::Unsupported,
                    cat(descriptor.digest.text(), ": media type ",
                        quote(descriptor.media_type), " is not known"))
            .advise("images are OCI's or Docker's, schema 2");
    std::string bytes = fetch_checked(search, descriptor);
    Manifest manifest = with_context(descriptor.digest.text(), [&] {
        return parse_manifest(bytes, descriptor.media_type);
    });
    return ChosenImage{descriptor, std::move(bytes), std::move(manifest)};
}

}  // namespace

std::vector<Descriptor> candidates(const Index& index, const Platform& wanted) {
    std::vector<Candidate> found;
    for (const Descriptor& entry : index.manifests) {
        if (is_attestation(entry)) continue;
        std::optional<std::size_t> rank = SIZE_MAX;  // no platform: the last
        if (entry.platform) rank = platform_rank(wanted, *entry.platform);
        if (rank) found.push_back({*rank, &entry});
    }
    std::stable_sort(
        found.begin(), found.end(),
        [](const Candidate& a, const Candidate& b) { return a.rank < b.rank; });
    std::vector<Descriptor> entries;
    entries.reserve(found.size());
    for (const Candidate& candidate : found)
        entries.push_back(*candidate.entry);
    return entries;
}

std::string offered_platforms(const Index& index) {
    std::vector<std::string> offered;
    add_offered(offered, index);
    return list_offered(offered);
}

ChosenImage choose_image(const Descriptor& root, const Platform& wanted,
                         const FetchDocument& fetch) {
    Search search{wanted, fetch};
    auto found = search_in(search, root, 0);
    if (found) return std::move(*found);
    throw Error(ErrorKind::NotFound,
                cat("there is no image for ", wanted.text()))
        .advise(search.offered.empty()
                    ? std::string("the index is empty")
                    : cat("there is one for: ", list_offered(search.offered),
                          "; choose with --platform"));
}

}  // namespace slipway
