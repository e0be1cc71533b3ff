#include "04-images/digest.hpp"

#include <openssl/evp.h>

#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::string_view algorithm = "sha256:";
constexpr std::size_t hex_length = 64;
constexpr std::size_t longest_shown = 200;  // sha512 has 135

void must(int result) {
    if (result != 1) throw Error(ErrorKind::System, "sha256 does not work");
}

}  // namespace

struct Sha256::State {
    EVP_MD_CTX* context = ::EVP_MD_CTX_new();
    State() { must(::EVP_DigestInit_ex(context, ::EVP_sha256(), nullptr)); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { ::EVP_MD_CTX_free(context); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::add(std::string_view bytes) {
    must(::EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()));
}

Digest Sha256::finish() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
    unsigned size = 0;
    must(::EVP_DigestFinal_ex(state_->context, hash.data(), &size));
    std::string text(algorithm);
    constexpr char digits[] = "0123456789abcdef";
    for (unsigned i = 0; i < size; ++i) {
        text += digits[hash[i] >> 4U];
        text += digits[hash[i] & 0xfU];
    }
    return Digest(text);
}

Digest Digest::of(std::string_view bytes) {
    Sha256 hash;
    hash.add(bytes);
    return hash.finish();
}

Digest Digest::parse(std::string_view text) {
    std::string_view hex = text;
    bool known = hex.starts_with(algorithm);
    if (known) hex.remove_prefix(algorithm.size());
    if (!known || hex.size() != hex_length ||
        hex.find_first_not_of("0123456789abcdef") != std::string_view::npos)
        throw Error(ErrorKind::InvalidArgument,
                    cat("digest ", quote(text.substr(0, longest_shown))))
            .advise("a digest is sha256: and 64 digits from 0 to 9, a to f");
    return Digest(std::string(text));
}

std::string_view Digest::hex() const {
    return std::string_view(text_).substr(algorithm.size());
}

}  // namespace slipway
