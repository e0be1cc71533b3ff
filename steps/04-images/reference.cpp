#include "04-images/reference.hpp"

#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::string_view default_registry = "docker.io";
constexpr std::string_view official = "library/";
constexpr std::size_t longest_name = 255, longest_tag = 128;
constexpr std::size_t longest_host = 255;  // RFC 1035
constexpr std::uint64_t largest_port = 65535;
constexpr char lower_and_digits[] = "abcdefghijklmnopqrstuvwxyz0123456789";

// Names come from archives and registries, too: a long one is not repeated.
std::string shown(std::string_view text) {
    constexpr std::size_t most = 100;
    return text.size() <= most ? quote(text)
                               : quote(text.substr(0, most)) + "…";
}

[[noreturn]] void refuse(std::string_view text, const std::string& reason) {
    throw Error(ErrorKind::InvalidArgument,
                cat("image name ", shown(text), ": ", reason))
        .advise(
            "write [REGISTRY/]NAME[:TAG][@DIGEST], in small letters, as in "
            "nginx:1.25 or localhost:5000/team/app");
}

bool has_capital(std::string_view text) {
    for (char c : text)
        if (c >= 'A' && c <= 'Z') return true;
    return false;
}

bool looks_like_id(std::string_view text) {
    return text.size() == 64 &&
           text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

//@ begin registry-part
bool is_registry(std::string_view first) {
    return first == "localhost" ||
           first.find_first_of(".:") != std::string_view::npos ||
           has_capital(first);
}
//@ end registry-part

// Letters, digits, and between them one of . _ __ or any number of -
void check_component(std::string_view text, std::string_view component) {
    if (component.empty()) refuse(text, "a part between slashes is empty");
    if (has_capital(component))
        refuse(text, cat(shown(component), " has capital letters"));
    std::string_view rest = component;
    while (!rest.empty()) {
        std::size_t word = rest.find_first_not_of(lower_and_digits);
        if (word == std::string_view::npos) return;
        std::size_t gap_end = rest.find_first_of(lower_and_digits, word);
        std::string_view gap = rest.substr(word, gap_end - word);
        bool fits = gap == "." || gap == "_" || gap == "__" ||
                    gap.find_first_not_of('-') == std::string_view::npos;
        if (word == 0 || gap_end == std::string_view::npos || !fits)
            refuse(text, cat(shown(gap), " does not belong there in ",
                             shown(component)));
        rest.remove_prefix(gap_end);
    }
}

void check_tag(std::string_view text, std::string_view tag) {
    constexpr char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    if (tag.empty()) refuse(text, "nothing follows the last colon");
    if (tag.size() > longest_tag)
        refuse(text, cat("the tag is longer than ", longest_tag, " letters"));
    if (tag.find_first_not_of(letters) != std::string_view::npos ||
        tag[0] == '.' || tag[0] == '-')
        refuse(text, cat(shown(tag), " is no tag"));
}

// Parts between dots: letters, digits, and - between them.
bool is_host(std::string_view host) {
    constexpr char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
    for (const std::string& part : split(host, '.'))
        if (part.empty() || part.front() == '-' || part.back() == '-' ||
            part.find_first_not_of(letters) != std::string::npos)
            return false;
    return true;
}

// In brackets. Neither zones nor dots: so Docker has it.
bool is_ipv6(std::string_view host) {
    return host.size() > 2 && host.front() == '[' && host.back() == ']' &&
           host.substr(1, host.size() - 2)
                   .find_first_not_of("0123456789abcdefABCDEF:") ==
               std::string_view::npos;
}

void check_registry(std::string_view text, std::string_view registry) {
    bool in_brackets = registry.starts_with('[');
    std::size_t colon =
        registry.find(':', in_brackets ? registry.find(']') : 0);
    std::string_view host = registry.substr(0, colon);
    if (in_brackets && !host.ends_with(']'))
        refuse(text, "a [ is not closed in the registry's name");
    if (host.size() > longest_host || !(in_brackets ? is_ipv6 : is_host)(host))
        refuse(text, cat(shown(registry), " is no registry"));
    if (colon == std::string_view::npos) return;
    auto port = parse_unsigned(registry.substr(colon + 1), largest_port);
    if (!port || *port == 0)
        refuse(text, cat(shown(registry), " has no port behind its colon"));
}

void check_repository(std::string_view text, const Reference& reference) {
    if (reference.repository.empty()) refuse(text, "there is no name in it");
    for (const std::string& component : split(reference.repository, '/'))
        check_component(text, component);
    if (reference.repository.size() > longest_name)
        refuse(text, cat("it is longer than ", longest_name, " letters"));
}

}  // namespace

Reference parse_reference(std::string_view text) {
    Reference reference;
    std::string_view rest = text;
    if (rest.empty()) refuse(text, "it is empty");
    if (looks_like_id(rest))
        refuse(text, "64 hexadecimal digits are an id, not a name");
    if (rest.find("://") != std::string_view::npos)
        refuse(text, "it is an address, not a name: leave out https://");
    if (std::size_t at = rest.find('@'); at != std::string_view::npos) {
        reference.digest = with_context(cat("image name ", shown(text)), [&] {
            return Digest::parse(rest.substr(at + 1));
        });
        rest = rest.substr(0, at);
    }
    // The last colon begins a tag, unless a slash follows: then a port.
    std::size_t slash = rest.rfind('/'), colon = rest.rfind(':');
    bool first_only = slash == std::string_view::npos;
    if (colon != std::string_view::npos && (first_only || colon > slash)) {
        check_tag(text, rest.substr(colon + 1));
        reference.tag = rest.substr(colon + 1);
        rest = rest.substr(0, colon);
    }
    std::size_t first = rest.find('/');
    if (first != std::string_view::npos && is_registry(rest.substr(0, first))) {
        reference.registry = rest.substr(0, first);
        check_registry(text, reference.registry);
        rest.remove_prefix(first + 1);
    }
    if (reference.registry.empty() || reference.registry == "index.docker.io")
        reference.registry = default_registry;
    bool in_library = reference.registry == default_registry &&
                      rest.find('/') == std::string_view::npos && !rest.empty();
    reference.repository = cat(in_library ? official : "", rest);
    if (reference.tag.empty() && !reference.digest) reference.tag = "latest";
    check_repository(text, reference);
    return reference;
}

namespace {

std::string with_tag(std::string name, const Reference& reference) {
    if (!reference.tag.empty()) name += ":" + reference.tag;
    if (reference.digest) name += "@" + reference.digest->text();
    return name;
}

}  // namespace

std::string Reference::name() const {
    return registry + "/" + repository;
}

std::string Reference::text() const {
    return with_tag(name(), *this);
}

std::string Reference::stored_name() const {
    return digest ? name() + "@" + digest->text() : text();
}

std::string Reference::familiar() const {
    if (registry != default_registry) return text();
    std::string_view short_name = repository;
    if (short_name.starts_with(official) &&
        short_name.find('/', official.size()) == std::string_view::npos)
        short_name.remove_prefix(official.size());
    // Read again, these would mean something else.
    std::size_t slash = short_name.find('/');
    bool other_registry = slash != std::string_view::npos &&
                          is_registry(short_name.substr(0, slash));
    bool is_id = looks_like_id(short_name) && tag.empty() && !digest;
    if (other_registry || is_id) return text();
    return with_tag(std::string(short_name), *this);
}

}  // namespace slipway
