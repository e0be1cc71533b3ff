#include "04-images/curl_library.hpp"

#include <dlfcn.h>

#include "common/error.hpp"

namespace slipway {

namespace {

constexpr char file[] = "libcurl.so.4";

template <class Function>
void find(void* library, const char* name, Function& function) {
    function = reinterpret_cast<Function>(::dlsym(library, name));
    if (!function)
        throw Error(ErrorKind::Unsupported, cat(file, " has no ", name));
}

CurlLibrary load() {
    void* library = ::dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        throw Error(ErrorKind::Unsupported, cat("load ", ::dlerror()))
            .advise(
                "registries and downloads need it: apt-get install libcurl4");
    decltype(&::curl_global_init) global_init;
    find(library, "curl_global_init", global_init);
    if (global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        throw Error(ErrorKind::System, cat(file, " does not start"));
    CurlLibrary curl{};
    find(library, "curl_easy_cleanup", curl.easy_cleanup);
    find(library, "curl_easy_getinfo", curl.easy_getinfo);
    find(library, "curl_easy_init", curl.easy_init);
    find(library, "curl_easy_perform", curl.easy_perform);
    find(library, "curl_easy_reset", curl.easy_reset);
    find(library, "curl_easy_setopt", curl.easy_setopt);
    find(library, "curl_easy_strerror", curl.easy_strerror);
    find(library, "curl_free", curl.free);
    find(library, "curl_slist_append", curl.slist_append);
    find(library, "curl_slist_free_all", curl.slist_free_all);
    find(library, "curl_url", curl.url);
    find(library, "curl_url_cleanup", curl.url_cleanup);
    find(library, "curl_url_get", curl.url_get);
    find(library, "curl_url_set", curl.url_set);
    find(library, "curl_url_strerror", curl.url_strerror);
    find(library, "curl_version", curl.version);
    find(library, "curl_version_info", curl.version_info);
    return curl;
}

}  // namespace

const CurlLibrary& curl() {
    static const CurlLibrary library = load();
    return library;
}

}  // namespace slipway
