#include "04-images/registry.hpp"

#include <algorithm>
#include <limits>

#include <nlohmann/json.hpp>

#include "04-images/foreign_json.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"

namespace slipway {

namespace {

constexpr std::uint64_t largest_answer = 4 << 20;
constexpr std::size_t most_tags = 100'000;
constexpr int most_pages = 1000;
// So much must have come for a broken connection not to count as a failure.
constexpr std::uint64_t progress_bytes = 1 << 20;

constexpr char accepted[] =
    "application/vnd.oci.image.index.v1+json, "
    "application/vnd.oci.image.manifest.v1+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json, "
    "application/vnd.docker.distribution.manifest.v2+json";

// Asks one endpoint after the other. A mirror's failure is not told: that of
// the registry itself is what the user can do something about.
template <class Ask>
auto ask_in_turn(Repository& repository, Ask ask) {
    for (std::size_t i = 0; i + 1 < repository.endpoint_count(); ++i) {
        try {
            return ask(repository.endpoint(i));
        } catch (const Error& error) {
            if (error.kind() == ErrorKind::Cancelled) throw;
        }
    }
    return ask(repository.origin());
}

HttpRequest manifest_request(const Endpoint& endpoint, const char* method,
                             std::string_view reference) {
    HttpRequest request;
    request.method = method;
    request.url = parse_url(cat(endpoint.base.text, "/manifests/", reference));
    request.headers = {{"Accept", accepted}};
    request.largest_answer = largest_answer;
    return request;
}

std::string media_type_of(const HttpHead& answer) {
    std::string type = answer.header("content-type").value_or("");
    type.resize(std::min(type.find(';'), type.size()));
    type.resize(type.find_last_not_of(' ') + 1);
    return type;
}

// A reference goes into the URL as it is: letters that mean nothing there.
void check_reference(std::string_view reference) {
    if (reference.find(':') != std::string_view::npos) {
        (void)Digest::parse(reference);
        return;
    }
    constexpr char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    if (reference.empty() || reference.size() > 128 || reference[0] == '.' ||
        reference[0] == '-' ||
        reference.find_first_not_of(letters) != std::string_view::npos)
        throw Error(ErrorKind::InvalidArgument,
                    cat(quote(reference), " is no tag"));
}

void check_digests(const std::string& what, std::string_view reference,
                   const Digest& found, const HttpHead& answer) {
    std::optional<Digest> promised = content_digest(answer);
    if (reference.find(':') != std::string_view::npos)
        promised = Digest::parse(reference);
    if (promised && *promised != found)
        throw Error(ErrorKind::DataLoss,
                    cat(what, ": what came has digest ", found.text(), ", not ",
                        promised->text()))
            .advise(
                "try again; if it stays so, the registry or something on "
                "the way changes what it serves");
}

struct Download {
    const Digest& digest;
    std::uint64_t size, offset;
    const std::function<void(std::string_view)>& sink;
    bool sink_failed = false;

    std::string what() const { return cat("blob ", digest.text()); }
};

// "bytes 5-9/10": where the answer begins.
void check_content_range(const Download& download, const HttpHead& head) {
    std::string range = head.header("content-range").value_or("");
    std::string begin = cat("bytes ", download.offset, "-");
    if (!range.starts_with(begin))
        throw Error(
            ErrorKind::InvalidArgument,
            cat(download.what(), ": asked for the bytes from ", download.offset,
                ", got Content-Range ", quote(range.substr(0, 100))));
}

void take(Download& download, std::uint64_t position, std::string_view bytes) {
    if (bytes.size() > download.size - position)
        throw Error(ErrorKind::DataLoss,
                    cat(download.what(), ": more than the promised ",
                        download.size, " bytes"));
    if (position < download.offset) {  // it began at 0: this is there already
        std::uint64_t there = download.offset - position;
        if (bytes.size() <= there) return;
        bytes.remove_prefix(static_cast<std::size_t>(there));
    }
    try {
        download.sink(bytes);
    } catch (...) {
        download.sink_failed = true;
        throw;
    }
    download.offset += bytes.size();
}

HttpResponse fetch_rest(Repository& repository, const Endpoint& endpoint,
                        Download& download) {
    HttpRequest request;
    request.url =
        parse_url(cat(endpoint.base.text, "/blobs/", download.digest.text()));
    if (download.offset > 0)
        request.headers = {{"Range", cat("bytes=", download.offset, "-")}};
    request.largest_answer = std::numeric_limits<std::uint64_t>::max();
    std::optional<std::uint64_t> position;
    request.sink = [&](const HttpHead& head, std::string_view bytes) {
        if (!position) {
            bool partial = head.status == 206;
            if (partial) check_content_range(download, head);
            position = partial ? download.offset : 0;
        }
        take(download, *position, bytes);
        *position += bytes.size();
    };
    return repository.send(endpoint, std::move(request),
                           repository.pull_scope());
}

void fetch_from(Repository& repository, const Endpoint& endpoint,
                Download& download) {
    Attempts attempts(repository.retry(endpoint));
    std::uint64_t mark = download.offset;
    while (download.offset < download.size) {
        HttpResponse answer = fetch_rest(repository, endpoint, download);
        if (download.offset == download.size) return;
        if (!answer.broken && !is_worth_retrying(answer.status)) {
            expect_status(answer, {200, 206}, download.what());
            throw Error(ErrorKind::DataLoss,
                        cat(download.what(), ": ends after ", download.offset,
                            " of ", download.size, " bytes"));
        }
        if (download.offset - mark >= progress_bytes) {
            attempts.start_anew();
            mark = download.offset;
        }
        if (attempts.next(answer.retry_after)) continue;
        if (!answer.broken) expect_status(answer, {}, download.what());
        answer.broken->add_context(download.what());
        throw Error(*answer.broken);
    }
}

// <https://…>; rel="next"
std::optional<std::string> next_link(const HttpHead& answer) {
    std::string link = answer.header("link").value_or("");
    std::size_t end = link.find('>');
    if (!link.starts_with('<') || end == std::string::npos ||
        link.find("next", end) == std::string::npos)
        return {};
    return link.substr(1, end - 1);
}

void add_tags(std::vector<std::string>& tags, const std::string& body) {
    auto answer = parse_foreign_json(body);
    auto list = answer.is_object() ? answer.find("tags") : answer.end();
    if (list == answer.end() || list->is_null()) return;  // none yet
    if (!list->is_array())
        throw Error(ErrorKind::InvalidArgument, "\"tags\" is no list");
    for (const auto& tag : *list) {
        if (!tag.is_string())
            throw Error(ErrorKind::InvalidArgument, "a tag is no text");
        tags.push_back(tag.get<std::string>());
        check_reference(tags.back());
        if (tags.size() > most_tags)
            throw Error(ErrorKind::InvalidArgument,
                        cat("more than ", most_tags, " tags"));
    }
}

std::vector<std::string> tags_of(Repository& repository,
                                 const Endpoint& endpoint) {
    std::vector<std::string> tags;
    HttpRequest request;
    request.url = parse_url(cat(endpoint.base.text, "/tags/list?n=1000"));
    request.largest_answer = largest_answer;
    for (int page = 0; page < most_pages; ++page) {
        HttpResponse answer = repository.send_patiently(
            endpoint, request, repository.pull_scope());
        expect_status(answer, {200}, repository.name());
        std::size_t before = tags.size();
        with_context(cat("tags of ", repository.name()),
                     [&] { add_tags(tags, answer.body); });
        auto next = next_link(answer);
        // A page without tags that leads to another one would never end.
        if (!next || tags.size() == before) return tags;
        request.url = resolve_url(answer.url, *next);
        if (!same_origin(request.url, endpoint.base))
            throw Error(ErrorKind::Forbidden,
                        cat("tags of ", repository.name(),
                            ": the next page is said to be at ",
                            request.url.host_and_port()));
    }
    throw Error(ErrorKind::InvalidArgument,
                cat("tags of ", repository.name(), ": more than ", most_pages,
                    " pages"));
}

}  // namespace

std::string manifest_reference(const Reference& image) {
    return image.digest ? image.digest->text() : image.tag;
}

RemoteManifest get_manifest(Repository& repository,
                            std::string_view reference) {
    check_reference(reference);
    std::string what = cat("manifest ", reference, " of ", repository.name());
    return ask_in_turn(repository, [&](const Endpoint& endpoint) {
        HttpResponse answer = repository.send_patiently(
            endpoint, manifest_request(endpoint, "GET", reference),
            repository.pull_scope());
        expect_status(answer, {200}, what);
        Digest digest = Digest::of(answer.body);
        check_digests(what, reference, digest, answer);
        return RemoteManifest{
            {media_type_of(answer), digest, answer.body.size()}, answer.body};
    });
}

std::optional<ManifestInfo> head_manifest(Repository& repository,
                                          std::string_view reference) {
    check_reference(reference);
    std::string what = cat("manifest ", reference, " of ", repository.name());
    auto ask = [&](const Endpoint& endpoint) -> std::optional<ManifestInfo> {
        HttpResponse answer = repository.send_patiently(
            endpoint, manifest_request(endpoint, "HEAD", reference),
            repository.pull_scope());
        if (answer.status == 404 && !endpoint.is_mirror) return {};
        expect_status(answer, {200}, what);
        auto digest = content_digest(answer);
        auto size = parse_unsigned(answer.header("content-length").value_or(""),
                                   largest_answer);
        if (!digest || !size) return {};
        check_digests(what, reference, *digest, answer);
        return ManifestInfo{media_type_of(answer), *digest, *size};
    };
    return ask_in_turn(repository, ask);
}

void get_blob(Repository& repository, const Digest& digest, std::uint64_t size,
              std::uint64_t offset,
              const std::function<void(std::string_view)>& sink) {
    if (offset > size)
        throw Error(ErrorKind::InvalidArgument,
                    cat("blob ", digest.text(), ": there are ", offset,
                        " bytes of ", size, " already"));
    Download download{digest, size, offset, sink};
    for (std::size_t i = 0; i + 1 < repository.endpoint_count(); ++i) {
        try {
            return fetch_from(repository, repository.endpoint(i), download);
        } catch (const Error& error) {
            if (download.sink_failed || error.kind() == ErrorKind::Cancelled)
                throw;
        }
    }
    fetch_from(repository, repository.origin(), download);
}

std::optional<std::uint64_t> remote_blob_size(Repository& repository,
                                              const Digest& digest,
                                              const Scopes& scopes) {
    const Endpoint& origin = repository.origin();
    HttpRequest request;
    request.method = "HEAD";
    request.url = parse_url(cat(origin.base.text, "/blobs/", digest.text()));
    HttpResponse answer =
        repository.send_patiently(origin, std::move(request), scopes);
    if (answer.status == 404) return {};
    expect_status(answer, {200}, cat("blob ", digest.text()));
    return parse_unsigned(answer.header("content-length").value_or("0"),
                          std::numeric_limits<std::uint64_t>::max());
}

std::vector<std::string> list_tags(Repository& repository) {
    return ask_in_turn(repository, [&](const Endpoint& endpoint) {
        return tags_of(repository, endpoint);
    });
}

}  // namespace slipway
