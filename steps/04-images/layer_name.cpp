#include "04-images/layer_name.hpp"

#include <limits.h>

#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::string_view whiteout_prefix = ".wh.";
constexpr std::string_view metadata_prefix = ".wh..wh.";
constexpr std::string_view opaque_name = ".wh..wh..opq";

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
    throw Error(ErrorKind::InvalidArgument,
                cat("name ", shown_name(text), ": ", why));
}

//@ begin classify
// The last part of the name is in `found.name`; the others were parents.
void classify(LayerName& found, std::string_view text) {
    if (!found.name.starts_with(whiteout_prefix)) return;
    if (found.name == opaque_name) {
        found.kind = LayerName::Kind::Opaque;
        found.name.clear();
        return;
    }
    found.kind = LayerName::Kind::Whiteout;
    found.name.erase(0, whiteout_prefix.size());
    if (found.name.empty() || found.name == "." || found.name == "..")
        refuse(text, "a whiteout of nothing");
}
//@ end classify

bool is_metadata(std::string_view part) {
    return part.starts_with(metadata_prefix) && part != opaque_name;
}

}  // namespace

std::string LayerName::path() const {
    return parent.empty() ? name : cat(parent, "/", name);
}

//@ begin parse-layer-name
LayerName parse_layer_name(std::string_view text) {
    LayerName found;
    std::size_t depth = 0;
    if (text.size() >= PATH_MAX) refuse(text, "too long");
    if (text.find('\0') != text.npos) refuse(text, "a zero byte in it");
    for (std::size_t begin = 0; begin < text.size();) {
        std::size_t end = std::min(text.find('/', begin), text.size());
        std::string_view part = text.substr(begin, end - begin);
        begin = end + 1;
        if (part.empty() || part == ".") continue;
        if (part == "..") refuse(text, "\"..\" in it");
        if (part.size() > NAME_MAX) refuse(text, "a part of it is too long");
        if (++depth > deepest_layer_name) refuse(text, "too deep");
        if (is_metadata(part)) return {LayerName::Kind::Metadata, "", ""};
        if (!found.name.empty()) {
            if (found.name.starts_with(whiteout_prefix))
                refuse(text, "something below a whiteout");
            if (!found.parent.empty()) found.parent += '/';
            found.parent += found.name;
        }
        found.name = part;
    }
    classify(found, text);
    return found;
}
//@ end parse-layer-name

std::string shown_name(std::string_view text) {
    constexpr std::size_t most = 200;
    return text.size() <= most ? quote(text)
                               : quote(text.substr(0, most)) + " …";
}

}  // namespace slipway
