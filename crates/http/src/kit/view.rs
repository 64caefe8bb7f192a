//! The pages' templates and assets. Assets are named after what is in them, so that browsers may keep them.

use super::screen::Screen;
use postkey_model::{Brand, Region, TenantId, fingerprint};
use postkey_words::{Language, RenderError, Serde, Templates, Value, context};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

macro_rules! built_in {
    ($($name:literal),* $(,)?) => { [$(($name, include_str!(concat!("../../../../templates/", $name)))),*] };
}

/// Every page's template, by the name under which an operator's folder may hold another one.
pub const PAGES: [(&str, &str); 18] = built_in![
    "pages/approved.html",
    "pages/base.html",
    "pages/code.html",
    "pages/dev/demo.html",
    "pages/dev/inbox.html",
    "pages/dev/pages.html",
    "pages/identifiers.html",
    "pages/link-problem.html",
    "pages/login.html",
    "pages/message.html",
    "pages/new-identifier.html",
    "pages/parts.html",
    "pages/refreshing.html",
    "pages/sent.html",
    "pages/sessions.html",
    "pages/signed-in.html",
    "pages/start.html",
    "pages/verify.html",
];

/// The pages' style sheet and script, which an operator's folder may replace too.
pub const ASSETS: [(&str, &str); 2] = built_in!["pages/assets/page.css", "pages/assets/page.js"];

/// Templates and assets.
pub struct View {
    templates: Arc<Templates>,
    css: Asset,
    js: Asset,
    brands: HashMap<TenantId, BrandAssets>,
    countries: HashMap<Language, Arc<str>>,
}

/// One asset: its file name, its type, its bytes.
#[derive(Clone)]
pub struct Asset {
    name: String,
    /// Its type.
    pub kind: &'static str,
    /// Its bytes.
    pub bytes: bytes::Bytes,
    /// The same, compressed (gzip), if that is worth it. Assets hold no secrets, so compressing them tells none; pages do,
    /// and are sent as they are.
    pub gzip: Option<bytes::Bytes>,
}

/// What a tenant's brand adds to the assets.
struct BrandAssets {
    css: Option<Asset>,
    logo: Option<Asset>,
    values: Value,
}

impl Asset {
    /// An asset named after its bytes: the name changes with them.
    fn new(stem: &str, ending: &str, kind: &'static str, bytes: impl Into<bytes::Bytes>) -> Self {
        let bytes = bytes.into();
        let name = format!("{stem}-{}.{ending}", fingerprint(&String::from_utf8_lossy(&bytes)));
        let gzip = (kind.starts_with("text/") || kind == "image/svg+xml").then(|| compressed(&bytes)).flatten();
        Asset { name, kind, bytes, gzip }
    }

    /// Where it is found.
    pub fn path(&self) -> String {
        format!("/auth/_/assets/{}", self.name)
    }
}

/// `bytes` as gzip; `None` when that is no shorter.
fn compressed(bytes: &[u8]) -> Option<bytes::Bytes> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut gzip, bytes).ok()?;
    let gzip = gzip.finish().ok()?;
    (gzip.len() < bytes.len()).then(|| gzip.into())
}

const CSS: &str = "text/css; charset=utf-8";

impl View {
    /// The view on `templates`, which hold [`PAGES`] and [`ASSETS`], for tenants with these brands. `reached`: the countries
    /// that phone forms offer, where not all.
    pub fn new<'a>(
        templates: Arc<Templates>,
        brands: impl Iterator<Item = (&'a TenantId, &'a Brand)>,
        reached: Option<&BTreeSet<Region>>,
    ) -> Self {
        let file = |name| templates.file(name).unwrap_or_default().to_owned();
        let css = Asset::new("page", "css", CSS, file("pages/assets/page.css"));
        let js = Asset::new("page", "js", "text/javascript; charset=utf-8", file("pages/assets/page.js"));
        let brands = brands.map(|(tenant, brand)| (tenant.clone(), brand_assets(tenant, brand))).collect();
        let countries =
            templates.words().languages().all().iter().map(|language| (*language, options(&templates, *language, reached))).collect();
        View { templates, css, js, brands, countries }
    }

    /// The templates.
    pub fn templates(&self) -> &Templates {
        &self.templates
    }

    /// The style sheet, for the preview.
    pub fn css(&self) -> &Asset {
        &self.css
    }

    /// The countries of a phone form, as the options of a menu, by their names in `language`.
    pub fn countries(&self, language: Language) -> Value {
        self.countries.get(&language).map_or_else(Value::default, |options| Value::from_safe_string(options.to_string()))
    }

    /// Renders a screen of `tenant`.
    pub fn page<S: Screen>(&self, language: Language, tenant: &TenantId, screen: &S, frame: Value) -> Result<String, RenderError> {
        self.page_of(language, tenant, S::TEMPLATE, Value::from(Serde(screen)), frame)
    }

    /// Renders a template for `tenant`.
    pub(crate) fn page_of(
        &self,
        language: Language,
        tenant: &TenantId,
        template: &str,
        screen: Value,
        frame: Value,
    ) -> Result<String, RenderError> {
        let brand = self.brands.get(tenant).map_or_else(no_brand, |brand| brand.values.clone());
        let frame = context! { css => self.css.path(), js => self.js.path(), brand, ..frame };
        self.templates.render(template, language, postkey_words::merge([screen, frame]))
    }

    /// The asset of that file name.
    pub fn asset(&self, file: &str) -> Option<&Asset> {
        let of_brands = self.brands.values().flat_map(|brand| brand.css.iter().chain(&brand.logo));
        [&self.css, &self.js].into_iter().chain(of_brands).find(|asset| asset.name == file)
    }
}

/// The values of a brand that has none.
pub fn no_brand() -> Value {
    context! { css => "", logo => "", terms => "", privacy => "", support => "" }
}

fn brand_assets(tenant: &TenantId, brand: &Brand) -> BrandAssets {
    let css = brand.style_sheet().map(|css| Asset::new(&format!("brand-{tenant}"), "css", CSS, css));
    let logo = brand.logo.as_ref().map(|logo| {
        let kind = logo.kind().media_type();
        let ending = kind.rsplit('/').next().unwrap_or_default().split('+').next().unwrap_or_default();
        Asset::new(&format!("logo-{tenant}"), ending, kind, logo.bytes().to_vec())
    });
    let path = |asset: &Option<Asset>| asset.as_ref().map(Asset::path).unwrap_or_default();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let values = context! {
        css => path(&css),
        logo => path(&logo),
        terms => text(&brand.terms),
        privacy => text(&brand.privacy),
        support => brand.support_link().unwrap_or_default(),
    };
    BrandAssets { css, logo, values }
}

/// `<option>`s, made once: there are 245.
fn options(templates: &Templates, language: Language, reached: Option<&BTreeSet<Region>>) -> Arc<str> {
    let mut html = String::new();
    for (code, name) in templates.words().countries(language) {
        let Some(region) = Region::parse(code).filter(|region| reached.is_none_or(|reached| reached.contains(region))) else { continue };
        let name = name.replace('&', "&amp;").replace('<', "&lt;");
        html.push_str(&format!("<option value={code}>{name} (+{})\n", region.calling_code()));
    }
    html.into()
}
