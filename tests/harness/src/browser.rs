//! A person's browser: it keeps cookies, follows redirects within one site, and sends forms.
//!
//! *Invariant:* it holds what a browser would and shows no more: a redirect to a client's
//! address is where it stops.

use std::cell::RefCell;
use std::collections::BTreeMap;

use bytes::Bytes;
use cookie::Cookie;
use http::{Method, Request, Response, StatusCode, header};
use url::Url;

use crate::web::Web;

/// A browser with a profile of its own.
#[derive(Default)]
pub struct Browser {
    cookies: RefCell<BTreeMap<String, String>>,
}

/// What is on the screen.
#[derive(Debug)]
pub struct Screen {
    /// Where the browser is: on the server, or at a client's redirect URI.
    pub url: Url,
    /// The status of the last answer; none at a client's redirect URI, which nobody asked.
    pub status: Option<StatusCode>,
    /// Its headers.
    pub headers: http::HeaderMap,
    /// The page.
    pub page: String,
}

/// A form on a page.
#[derive(Clone, Debug)]
pub struct Form {
    /// Where it goes.
    pub action: String,
    /// What it sends besides a button: its hidden fields, and the boxes that are ticked.
    pub fields: Vec<(String, String)>,
}

impl Form {
    /// The form with a box unticked.
    ///
    /// # Panics
    /// If it is not ticked.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        let before = self.fields.len();
        self.fields.retain(|(known, _)| known != name);
        assert!(self.fields.len() < before, "no {name} in {self:?}");
        self
    }
}

impl Browser {
    /// Opens an address.
    pub async fn open(&self, web: &impl Web, address: &str) -> Screen {
        self.navigate(web, Method::GET, address.to_owned(), None)
            .await
    }

    /// Sends `form` with the button that says `pressed`.
    pub async fn submit(&self, web: &impl Web, form: &Form, pressed: (&str, &str)) -> Screen {
        let mut fields = form.fields.clone();
        fields.push((pressed.0.to_owned(), pressed.1.to_owned()));
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.navigate(web, Method::POST, form.action.clone(), Some(body))
            .await
    }

    /// The cookies it holds, by name.
    #[must_use]
    pub fn cookies(&self) -> BTreeMap<String, String> {
        self.cookies.borrow().clone()
    }

    /// Forgets every cookie, as a browser that nobody used before.
    pub fn forget(&self) {
        self.cookies.borrow_mut().clear();
    }

    /// Puts a cookie into the jar, as a thief with a copy would.
    pub fn plant(&self, name: &str, value: &str) {
        self.cookies
            .borrow_mut()
            .insert(name.to_owned(), value.to_owned());
    }

    async fn navigate(
        &self,
        web: &impl Web,
        method: Method,
        address: String,
        form: Option<String>,
    ) -> Screen {
        let site = Url::parse(web.issuer()).expect("an issuer");
        let mut url = site.join(&address).expect("an address");
        let (mut method, mut form) = (method, form);
        for _ in 0..10 {
            if url.origin() != site.origin() {
                return Screen {
                    url,
                    status: None,
                    headers: http::HeaderMap::new(),
                    page: String::new(),
                };
            }
            let answer = web
                .send(self.request(web, &method, &url, form.take()))
                .await;
            self.keep(&answer);
            let Some(location) = answer.headers().get(header::LOCATION) else {
                let page = String::from_utf8_lossy(answer.body()).into_owned();
                return Screen {
                    url,
                    status: Some(answer.status()),
                    headers: answer.headers().clone(),
                    page,
                };
            };
            assert!(
                answer.status().is_redirection(),
                "a location with {}",
                answer.status()
            );
            url = url
                .join(location.to_str().expect("a location"))
                .expect("a location");
            method = Method::GET;
        }
        panic!("too many redirects, the last to {url}");
    }

    fn request(
        &self,
        web: &impl Web,
        method: &Method,
        url: &Url,
        form: Option<String>,
    ) -> Request<Bytes> {
        let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::ACCEPT, "text/html");
        let cookies: Vec<_> = self
            .cookies
            .borrow()
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        if form.is_some() {
            request = request
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header(header::ORIGIN, web.issuer());
        }
        request
            .body(form.map_or_else(Bytes::new, Bytes::from))
            .expect("a request")
    }

    fn keep(&self, answer: &Response<Bytes>) {
        for set in answer.headers().get_all(header::SET_COOKIE) {
            let cookie = Cookie::parse(set.to_str().expect("a cookie")).expect("a cookie");
            let mut jar = self.cookies.borrow_mut();
            if cookie
                .max_age()
                .is_some_and(cookie::time::Duration::is_zero)
            {
                jar.remove(cookie.name());
            } else {
                jar.insert(cookie.name().to_owned(), cookie.value().to_owned());
            }
        }
    }
}

impl Screen {
    /// The form that goes to `action`.
    ///
    /// # Panics
    /// If the page has none.
    #[must_use]
    pub fn form(&self, action: &str) -> Form {
        let html = tl::parse(&self.page, tl::ParserOptions::default()).expect("HTML");
        let parser = html.parser();
        let mut forms = html
            .query_selector("form")
            .expect("a selector")
            .filter_map(|node| node.get(parser)?.as_tag());
        let form = forms
            .find(|form| attribute(form, "action").as_deref() == Some(action))
            .unwrap_or_else(|| panic!("no form to {action} in {self:?}"));
        let inputs = form
            .query_selector(parser, "input")
            .expect("a selector")
            .filter_map(|node| node.get(parser)?.as_tag());
        let sent = inputs.filter(|input| match attribute(input, "type").as_deref() {
            Some("hidden") => true,
            Some("checkbox") => input.attributes().contains("checked"),
            _ => false,
        });
        let value = |input: &tl::HTMLTag<'_>, name| attribute(input, name).unwrap_or_default();
        let fields = sent
            .map(|input| (value(input, "name"), value(input, "value")))
            .collect();
        Form {
            action: action.to_owned(),
            fields,
        }
    }

    /// Whether a button of the page sends this.
    ///
    /// # Panics
    /// If the page is no HTML.
    #[must_use]
    pub fn offers(&self, name: &str, choice: &str) -> bool {
        let html = tl::parse(&self.page, tl::ParserOptions::default()).expect("HTML");
        let mut buttons = html.query_selector("button").expect("a selector");
        buttons.any(|node| {
            let tag = node.get(html.parser()).and_then(tl::Node::as_tag);
            let is = |tag: &tl::HTMLTag<'_>, attribute_name, value| {
                attribute(tag, attribute_name).as_deref() == Some(value)
            };
            tag.is_some_and(|tag| is(tag, "name", name) && is(tag, "value", choice))
        })
    }

    /// A parameter of the address.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<String> {
        self.url
            .query_pairs()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.into_owned())
    }
}

/// An attribute, with the character references that our templates write undone.
fn attribute(tag: &tl::HTMLTag<'_>, name: &str) -> Option<String> {
    let raw = tag.attributes().get(name)??.as_utf8_str().into_owned();
    let references = [
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#38;", "&"),
    ];
    Some(references.iter().fold(raw, |text, (reference, letter)| {
        text.replace(reference, letter)
    }))
}
