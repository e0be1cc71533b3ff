// Digests: the names of blobs are the hashes of their bytes.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace slipway {

/// "sha256:" and 64 hexadecimal digits, lower case. Only sha256 is in use.
/// Source: OCI image-spec, descriptor.md, "Digests".
class Digest {
  public:
    /// Throws InvalidArgument for anything else, unknown algorithms included.
    static Digest parse(std::string_view text);
    /// Of these bytes.
    static Digest of(std::string_view bytes);

    /// "sha256:…"
    const std::string& text() const { return text_; }
    /// The 64 digits: the file's name below blobs/sha256/.
    std::string_view hex() const;
    bool operator==(const Digest& other) const { return text_ == other.text_; }
    bool operator<(const Digest& other) const { return text_ < other.text_; }

  private:
    explicit Digest(std::string text) : text_(std::move(text)) {}
    friend class Sha256;
    std::string text_;
};

/// A digest in the making, for bytes that come in pieces. OpenSSL's SHA-256.
class Sha256 {
  public:
    Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;
    ~Sha256();
    void add(std::string_view bytes);
    /// Once only: the object is used up.
    Digest finish();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace slipway
