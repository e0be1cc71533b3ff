// index.json, which any tool may have written, and documents that refer to
// blobs. What is read must survive our own writing.
#include <cstdint>
#include <string>
#include <string_view>

#include "04-images/blob_references.hpp"
#include "04-images/foreign_json.hpp"
#include "04-images/image_index.hpp"
#include "common/error.hpp"
#include "tests/fuzz/input.hpp"

using namespace slipway;

namespace {

void read_and_write(std::string_view text) {
    std::vector<NamedImage> images = images_in(text);
    NamedImage image{"docker.io/library/fuzz:latest", "a/b", Digest::of(text),
                     text.size()};
    std::string with = with_images(text, {image});
    std::vector<NamedImage> more = images_in(with);
    must(more.size() <= images.size() + 1 && !more.empty());
    std::vector<std::string> removed;
    std::string without = without_images(with, {image.name}, &removed);
    must(removed.size() == 1 && removed[0] == image.name);
    for (const NamedImage& one : images_in(without))
        must(one.name != image.name && !one.name.empty());
    // A second round changes nothing any more.
    must(with_images(with, {image}) == with);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const BlobReference& reference : references_in(text))
        must(Digest::parse(reference.digest.text()) == reference.digest);
    try {
        read_and_write(text);
    } catch (const Error& error) {
        must(!error.message().empty());
    }
    return 0;
}
