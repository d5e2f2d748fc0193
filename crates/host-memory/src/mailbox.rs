//! Mail in a list.

use host::{Address, Collected, MOST_AT_ONCE, MOST_WAITING, Mail, Mailbox, Mailed, Unavailable};
use oauth::Timestamp;

use crate::MemoryHost;

/// A message that waits.
pub(crate) struct Waiting {
    mail: Collected,
    name: Option<String>,
    kept: bool,
    handed: bool,
    due: Timestamp,
    deadline: Timestamp,
}

impl Waiting {
    fn is_for(&self, now: Timestamp) -> bool {
        !self.handed && self.due <= now && now < self.deadline
    }
}

impl MemoryHost {
    /// How many messages wait, and how many sessions were ended.
    #[must_use]
    pub fn mail_counts(&self) -> (usize, usize) {
        let (mail, ended) = (&self.state.mail, &self.state.ended);
        (mail.borrow().len(), ended.borrow().len())
    }
}

impl Mailbox for MemoryHost {
    async fn mail(&self, to: &Address, mail: Mail<'_>) -> Result<Mailed, Unavailable> {
        let accepted = self.accepts(to).await?;
        if accepted == Mailed::Waiting {
            let number = self.state.mailed.get() + 1;
            self.state.mailed.set(number);
            self.state.mail.borrow_mut().push(Waiting {
                mail: Collected {
                    number,
                    to: to.clone(),
                    message: mail.message.to_owned(),
                    last: mail.last,
                },
                name: mail.name.map(str::to_owned),
                kept: mail.kept,
                handed: false,
                due: mail.due,
                deadline: mail.deadline,
            });
        }
        Ok(accepted)
    }

    async fn withdraw(&self, address: &Address, name: &str) -> Result<(), Unavailable> {
        let mut mail = self.store()?.mail.borrow_mut();
        mail.retain(|one| one.mail.to != *address || one.name.as_deref() != Some(name));
        Ok(())
    }

    async fn take_up(
        &self,
        address: &Address,
        after: u64,
        now: Timestamp,
    ) -> Result<bool, Unavailable> {
        let mut mail = self.store()?.mail.borrow_mut();
        let theirs = mail
            .iter_mut()
            .filter(|one| one.mail.to == *address && now < one.deadline);
        let (mut any, mut has_last) = (false, false);
        for one in theirs {
            any = true;
            one.handed &= one.mail.number <= after;
            has_last |= one.handed && one.mail.last;
        }
        Ok(any && !has_last)
    }

    async fn waiting(&self, now: Timestamp) -> Result<Vec<Address>, Unavailable> {
        let mut waiting: Vec<Address> = Vec::new();
        for one in self.store()?.mail.borrow().iter() {
            if one.is_for(now) && !waiting.contains(&one.mail.to) {
                waiting.push(one.mail.to.clone());
            }
        }
        Ok(waiting)
    }

    async fn collect(
        &self,
        addresses: &[Address],
        now: Timestamp,
    ) -> Result<Vec<Collected>, Unavailable> {
        let mut mail = self.store()?.mail.borrow_mut();
        let mut before = 0;
        let mut wanted = |one: &Waiting| {
            let wanted = addresses.contains(&one.mail.to) && one.is_for(now);
            let taken = wanted && before < MOST_AT_ONCE;
            before += if wanted { one.mail.message.len() } else { 0 };
            taken
        };
        let mut collected = Vec::new();
        mail.retain_mut(|one| {
            let taken = wanted(one);
            if taken {
                collected.push(one.mail.clone());
                one.handed = true;
            }
            one.kept || !taken
        });
        Ok(collected)
    }

    async fn end(&self, address: &Address, until: Timestamp) -> Result<(), Unavailable> {
        let store = self.store()?;
        let mut mail = store.mail.borrow_mut();
        mail.retain(|one| one.mail.to != *address);
        let mut ended = store.ended.borrow_mut();
        ended.insert(address.session.clone(), until);
        Ok(())
    }

    async fn accepts(&self, to: &Address) -> Result<Mailed, Unavailable> {
        let store = self.store()?;
        if store.ended.borrow().contains_key(&to.session) {
            return Ok(Mailed::Ended);
        }
        let mail = store.mail.borrow();
        let waiting = mail.iter().filter(|one| !one.handed).map(|one| &one.mail);
        let waiting = waiting.filter(|mail| mail.to.session == to.session);
        let waiting: usize = waiting.map(|mail| mail.message.len()).sum();
        Ok(if waiting < MOST_WAITING {
            Mailed::Waiting
        } else {
            Mailed::Full
        })
    }

    async fn sweep_mail(&self, over: Timestamp, limit: u32) -> Result<(), Unavailable> {
        let store = self.store()?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut mail = store.mail.borrow_mut();
        let late = mail.extract_if(.., |mail| mail.deadline < over);
        late.take(limit).for_each(drop);
        let mut ended = store.ended.borrow_mut();
        let late = ended.extract_if(.., |_, until| *until < over);
        late.take(limit).for_each(drop);
        let mut calls = store.calls.borrow_mut();
        let late = calls.extract_if(.., |_, call| call.deadline < over);
        late.take(limit).for_each(drop);
        let mut notes = store.notes.borrow_mut();
        let late = notes.extract_if(.., |_, (_, until)| *until < over);
        late.take(limit).for_each(drop);
        Ok(())
    }
}
