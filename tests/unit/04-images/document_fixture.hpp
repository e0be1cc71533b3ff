// Documents of images for tests, and what parsers say to broken ones.
#pragma once

#include <string>

#include "04-images/digest.hpp"
#include "common/error.hpp"
#include "unit/catch.hpp"

namespace slipway::test {

inline std::string replaced(std::string text, const std::string& from,
                            const std::string& to) {
    std::size_t place = text.find(from);
    REQUIRE(place != std::string::npos);  // or the test would test nothing
    return text.replace(place, from.size(), to);
}

inline std::string digest_text(char digit) {
    return "sha256:" + std::string(64, digit);
}

inline std::string descriptor_text(const std::string& type, char digit,
                                   const std::string& size = "7") {
    return cat(R"({"mediaType":")", type, R"(","digest":")", digest_text(digit),
               R"(","size":)", size, "}");
}

inline std::string good_manifest() {
    return cat(
        R"({"schemaVersion":2,)",
        R"("mediaType":"application/vnd.oci.image.manifest.v1+json","config":)",
        descriptor_text("application/vnd.oci.image.config.v1+json", 'c'),
        R"(,"layers":[)",
        descriptor_text("application/vnd.oci.image.layer.v1.tar+gzip", '1'),
        ",",
        descriptor_text("application/vnd.oci.image.layer.v1.tar+zstd", '2'),
        "]}");
}

inline std::string index_entry(char digit, const std::string& platform) {
    return cat(R"({"mediaType":"application/vnd.oci.image.manifest.v1+json",)",
               R"("digest":")", digest_text(digit), R"(","size":9)",
               platform.empty() ? "" : cat(R"(,"platform":)", platform), "}");
}

inline std::string index_of(const std::string& entries) {
    return cat(R"({"schemaVersion":2,)",
               R"("mediaType":"application/vnd.oci.image.index.v1+json",)",
               R"("manifests":[)", entries, "]}");
}

/// The error that `parse` throws, which must be one of ours.
template <class Parse>
Error refusal(Parse parse) {
    try {
        parse();
    } catch (const Error& error) {
        CHECK_FALSE(error.advice().empty());
        CHECK(error.message().size() < 1000);
        return error;
    }
    return Error(ErrorKind::System, "accepted");
}

}  // namespace slipway::test
